//! The CSV files of an archive: relations, remarks, coins and logins. Long ones have their newest lines only.

use super::archive::{Archive, ArchiveError};
use crate::app::App;
use crate::coin_csv::{self, CoinCsv};
use guanxi_domain::csv::{BYTE_ORDER_MARK, text_field};
use guanxi_domain::day::format_time;
use guanxi_domain::paging::PageWindow;
use guanxi_domain::relation::RelationKind;
use guanxi_domain::{group, relation_csv};
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::{Card, LoginMethod, Remark};
use guanxi_storage::store::{List, ListQuery, all_cards};
use guanxi_storage::{StorageError, Store};
use guanxi_types::{Mid, Order, Tagid};
use std::collections::HashMap;
use std::fmt::Write;

/// The number of rows that are read at once.
const BATCH: usize = 500;

/// A CSV file that may be cut off, with the number of its lines, and of all entries if it is known.
pub(super) struct Cut {
    pub(super) file: &'static str,
    pub(super) lines: usize,
    pub(super) total: Option<u64>,
}

/// The writer of the lists of a member.
pub(super) struct Lists<'a> {
    pub(super) app: &'a App,
    pub(super) mid: Mid,
    pub(super) archive: &'a mut Archive,
    /// The files that were cut off.
    pub(super) cut: Vec<Cut>,
}

impl Lists<'_> {
    /// Writes the relations of the member, in the format that an import reads.
    pub(super) async fn relations(&mut self) -> Result<(), ArchiveError> {
        self.begin("relations.csv", relation_csv::HEADER).await?;
        let groups = self.app.store.groups(self.mid).await?;
        let names: HashMap<Tagid, String> =
            groups.own.into_iter().map(|(group, _)| (group.tagid, group.name)).collect();
        for (list, kind) in [
            (List::Followings, RelationKind::Follow),
            (List::Whispers, RelationKind::Whisper),
            (List::Blocks, RelationKind::Block),
        ] {
            self.list("relations.csv", list, |mid, name, mtime, tagids| {
                let groups: Vec<String> = tagids
                    .filter_map(|tagid| match tagid {
                        Tagid::DEFAULT => None,
                        tagid => group::built_in_name(tagid).or(names.get(&tagid).map(String::as_str)),
                    })
                    .map(str::to_owned)
                    .collect();
                relation_csv::line(mid, name, kind, &groups, &format_time(mtime))
            })
            .await?;
        }
        Ok(())
    }

    /// Writes the followers of the member.
    pub(super) async fn followers(&mut self) -> Result<(), ArchiveError> {
        self.begin("followers.csv", "mid,name,since\r\n").await?;
        self.list("followers.csv", List::Followers, |mid, name, mtime, _| {
            format!("{mid},{},{}\r\n", text_field(name), format_time(mtime))
        })
        .await
    }

    /// Writes the remarks of the member on others.
    pub(super) async fn remarks(&mut self) -> Result<(), ArchiveError> {
        self.begin("remarks.csv", "mid,name,remark\r\n").await?;
        let store = &self.app.store;
        let rows = store.rows_of::<Remark>(self.mid, self.app.limits.max_remarks).await?;
        for part in rows.chunks(BATCH) {
            let cards = store.rows::<Card>(part.iter().map(|row| row.fid).collect()).await?;
            let mut lines = String::new();
            for (row, card) in part.iter().zip(cards) {
                let name = card.map(|card| card.uname).unwrap_or_default();
                let remark =
                    self.app.cipher.decrypt_optional(SensitiveField::Remark, self.mid, row.text.as_ref())?;
                let (name, remark) = (text_field(&name), remark.unwrap_or_default());
                // A write to a string never fails.
                let _ = write!(lines, "{},{name},{}\r\n", row.fid, text_field(&remark));
            }
            self.archive.append(lines.as_bytes()).await?;
        }
        Ok(())
    }

    /// Writes the coin log of the member.
    pub(super) async fn coins(&mut self) -> Result<(), ArchiveError> {
        let (file, limit) = ("coins.csv", self.app.limits.export_lines);
        self.begin(file, coin_csv::HEADER).await?;
        let mut entries = CoinCsv::new(self.app, self.mid, 0..=self.app.now(), limit);
        while let Some(lines) = entries.next_chunk().await? {
            self.archive.append(lines.as_bytes()).await?;
        }
        if entries.reached_limit() {
            self.cut.push(Cut { file, lines: limit, total: None });
        }
        Ok(())
    }

    /// Writes the login log of the member.
    pub(super) async fn logins(&mut self) -> Result<(), ArchiveError> {
        let (file, limit) = ("logins.csv", self.app.limits.export_lines);
        self.begin(file, "time,success,method,device,address,place,provider\r\n").await?;
        let rows = self.app.store.login_log(self.mid, 0, limit).await?;
        if rows.len() == limit {
            self.cut.push(Cut { file, lines: limit, total: None });
        }
        for part in rows.chunks(BATCH) {
            let mut lines = String::new();
            for row in part {
                let method = match row.method {
                    LoginMethod::Password => "password",
                    LoginMethod::Qr => "qr",
                    LoginMethod::Passkey => "passkey",
                };
                let (device, place, isp) =
                    (text_field(&row.device), text_field(&row.location), text_field(&row.isp));
                let (time, success, ip) = (format_time(row.time), row.success, row.ip);
                let _ = write!(lines, "{time},{success},{method},{device},{ip},{place},{isp}\r\n");
            }
            self.archive.append(lines.as_bytes()).await?;
        }
        Ok(())
    }

    async fn begin(&mut self, file: &str, header: &str) -> Result<(), ArchiveError> {
        self.archive.begin(file)?;
        self.archive.append(format!("{BYTE_ORDER_MARK}{header}").as_bytes()).await
    }

    /// Writes a line for each entry of a list, newest first. The function receives member, name, time and groups.
    async fn list(
        &mut self,
        file: &'static str,
        list: List,
        line: impl Fn(Mid, &str, i64, &mut dyn Iterator<Item = Tagid>) -> String,
    ) -> Result<(), ArchiveError> {
        let limit = self.app.limits.export_lines;
        let (owner, viewer, order) = (self.mid, Some(self.mid), Order::Desc);
        for offset in (0..limit).step_by(BATCH) {
            let window = PageWindow { offset: offset as u64, limit: BATCH.min(limit - offset) };
            let query = ListQuery { owner, list, viewer, window, order };
            let page = self.app.store.page(query, all_cards).await?;
            let page = page.map_err(|_| StorageError::engine("the member was deleted"))?;
            let mut lines = String::new();
            for (entry, (_, card)) in page.entries.iter().zip(&page.cards) {
                let mut groups = entry.groups.iter().map(|membership| membership.tagid);
                lines += &line(entry.mid, &card.uname, entry.mtime, &mut groups);
            }
            self.archive.append(lines.as_bytes()).await?;
            if offset + window.limit >= limit && u64::from(page.total) > limit as u64 {
                self.cut.push(Cut { file, lines: limit, total: Some(page.total.into()) });
            }
            if page.entries.len() < window.limit {
                break;
            }
        }
        Ok(())
    }
}
