//! The files of an archive: JSON of single rows, lists, the picture, and the text that explains them.

use super::archive::{Archive, ArchiveError};
use super::lists::{Cut, Lists};
use crate::app::App;
use guanxi_domain::day::format_time;
use guanxi_storage::dump::decrypt_row;
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::{
    Account, BioReview, Card, Experience, Leaving, NameReview, NewsRow, Picture, Privacy, Profile, Question,
    Realname, Upstat,
};
use guanxi_storage::{Row, Store};
use guanxi_types::Mid;
use serde::Serialize;
use serde_json::json;
use std::fmt::Write;

/// The text of `README.txt`, in both languages.
const README: &str = include_str!("readme.txt");

/// Writes all files.
pub(super) async fn write(app: &App, mid: Mid, archive: &mut Archive) -> Result<(), ArchiveError> {
    let store = &app.store;
    let profile = json!({
        "card": store.get::<Card>(mid).await?,
        "profile": store.get::<Profile>(mid).await?,
        "works": store.get::<Upstat>(mid).await?,
    });
    add_json(archive, "profile.json", &profile).await?;
    add_json(archive, "account.json", &account(app, mid).await?).await?;
    let submitted = json!({
        "sign": store.get::<BioReview>(mid).await?,
        "name": store.get::<NameReview>(mid).await?,
    });
    add_json(archive, "submitted.json", &submitted).await?;
    add_json(archive, "news.json", &store.get::<NewsRow>(mid).await?).await?;
    add_json(archive, "sessions.json", &sessions(app, mid).await?).await?;
    let groups = store.groups(mid).await?;
    let groups: Vec<_> =
        groups.own.iter().map(|(group, count)| json!({"name": group.name, "count": count})).collect();
    add_json(archive, "groups.json", &groups).await?;
    if let Some(picture) = largest_picture(app, mid).await? {
        archive.add("picture.jpg", &picture.jpeg.0).await?;
    }
    let mut lists = Lists { app, mid, archive, cut: Vec::new() };
    lists.relations().await?;
    lists.followers().await?;
    lists.remarks().await?;
    lists.coins().await?;
    lists.logins().await?;
    let cut = lists.cut;
    archive.add("README.txt", readme(app, mid, &cut).as_bytes()).await
}

async fn add_json(archive: &mut Archive, name: &str, value: &impl Serialize) -> Result<(), ArchiveError> {
    archive.add(name, &serde_json::to_vec_pretty(value)?).await
}

/// Returns the account with its private texts. Hashes of passwords and answers are no data of the member.
async fn account(app: &App, mid: Mid) -> Result<serde_json::Value, ArchiveError> {
    let store = &app.store;
    let decrypted = |row| {
        decrypt_row(row, &app.cipher).and_then(|row| {
            let value = serde_json::to_value(&row).map_err(guanxi_storage::StorageError::engine)?;
            // A row is an object with its kind as its only name.
            Ok(value.as_object().and_then(|kinds| kinds.values().next()).cloned())
        })
    };
    let account = store.get::<Account>(mid).await?.map(|row| decrypted(Row::Account(Box::new(row))));
    let realname = store.get::<Realname>(mid).await?.map(|row| decrypted(Row::Realname(row)));
    let question = store.get::<Question>(mid).await?.and_then(|row| row.question);
    let question = app.cipher.decrypt_optional(SensitiveField::Question, mid, question.as_ref())?;
    Ok(json!({
        "account": account.transpose()?,
        "realname": realname.transpose()?,
        "security_question": question,
        "growth": store.get::<Experience>(mid).await?,
        "coins": store.counters(mid).await?.map(|counters| counters.coins),
        "privacy": store.get::<Privacy>(mid).await?.unwrap_or(Privacy::new(mid)),
        "leaving": store.get::<Leaving>(mid).await?,
    }))
}

/// Returns the sessions without the hashes of their tokens.
async fn sessions(app: &App, mid: Mid) -> Result<Vec<serde_json::Value>, ArchiveError> {
    let session = |session: guanxi_storage::model::Session| {
        json!({
            "created": format_time(session.created),
            "expires": format_time(session.expires),
            "device": session.device,
            "address": session.ip,
            "place": session.location,
        })
    };
    Ok(app.store.sessions(mid).await?.into_iter().map(session).collect())
}

async fn largest_picture(app: &App, mid: Mid) -> Result<Option<Picture>, ArchiveError> {
    let size = guanxi_domain::picture::SIZES.into_iter().max().unwrap_or_default();
    Ok(app.store.get::<Picture>((mid, size)).await?)
}

fn readme(app: &App, mid: Mid, cut: &[Cut]) -> String {
    let (time, url) = (format_time(app.now()), &app.public_url);
    let mut text = format!("guanxi {url}\r\nUID {mid}\r\n{time}\r\n\r\n{README}");
    for Cut { file, lines, total } in cut {
        let (of_all, of_total) = match total {
            Some(total) => (format!("，共 {total} 项"), format!(" of {total}")),
            None => (String::new(), String::new()),
        };
        // A write to a string never fails.
        let _ = write!(
            text,
            "\n{file}: 只有最新的 {lines} 项{of_all}。 The newest {lines}{of_total} entries only.\n"
        );
    }
    text
}
