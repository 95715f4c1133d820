//! Rows are held to the rules of their values, whoever writes them.

use super::{
    Account, AuditRow, Card, CoinRow, EventHorizon, EventRow, Group, Growth, Honour, Label, LiveRoom,
    LoginRow, Nameplate, Next, Official, Password, Pendant, Profession, Profile, Question, Realname,
    RewardRow, Row, Sensitive, SignReview, TieRow, Tombstone, Upstat, Versions, Vip, Watched,
};
use guanxi_domain::realname::VerificationStatus;
use guanxi_domain::tie::SEQ_LIMIT;
use guanxi_domain::value::{self, Invalid, Rule};

/// A row whose values have rules. Its check looks at the row alone; what it needs of other rows is for who writes it.
pub(crate) trait Valid {
    /// Returns the first field whose value breaks its rule as an error.
    fn check(&self) -> Result<(), Invalid>;
}

impl Row {
    /// Returns the first field whose value breaks its rule as an error.
    pub fn check(&self) -> Result<(), Invalid> {
        match self {
            Row::Card(row) => row.check(),
            Row::Profile(row) => row.check(),
            Row::Account(row) => row.check(),
            Row::Password(row) => row.check(),
            Row::Question(row) => row.check(),
            Row::Realname(row) => row.check(),
            Row::Upstat(row) => row.check(),
            Row::Growth(row) => row.check(),
            Row::Group(row) => row.check(),
            Row::Tie(row) => row.check(),
            Row::Versions(row) => row.check(),
            Row::Coin(row) => row.check(),
            Row::Reward(row) => row.check(),
            Row::Login(row) => row.check(),
            Row::Sign(row) => row.check(),
            Row::Event(row) => row.check(),
            Row::EventHorizon(row) => row.check(),
            Row::Audit(row) => row.check(),
            Row::Tombstone(row) => row.check(),
            Row::Next(row) => row.check(),
        }
    }
}

fn texts(rule: &Rule<str>, fields: &[(&'static str, &str)]) -> Result<(), Invalid> {
    fields.iter().try_for_each(|&(field, text)| rule.hold(field, text))
}

/// A private text in the clear; one that is encrypted was held to its rule before.
fn private(rule: &Rule<str>, field: &'static str, private: Option<&Sensitive>) -> Result<(), Invalid> {
    match private {
        Some(Sensitive::Clear(text)) if !text.is_empty() => rule.hold(field, text),
        _ => Ok(()),
    }
}

impl Valid for Card {
    fn check(&self) -> Result<(), Invalid> {
        let Card { mid: _, uname, face, sign, official, vip } = self;
        let Official { role: _, title, desc, verified: _ } = official;
        value::NAME.hold("card.uname", uname)?;
        value::URL.hold("card.face", face)?;
        value::SIGN.hold("card.sign", sign)?;
        texts(&value::LONG_LINE, &[("card.official.title", title), ("card.official.desc", desc)])?;
        vip.check()
    }
}

impl Valid for Vip {
    fn check(&self) -> Result<(), Invalid> {
        value::VIP_KIND.hold("card.vip.kind", &self.kind)?;
        value::VIP_STATUS.hold("card.vip.status", &self.status)?;
        value::MILLISECONDS.hold("card.vip.due_date", &self.due_date)?;
        value::FLAG.hold("card.vip.pay_type", &self.pay_type)?;
        value::ZERO.hold("card.vip.theme_type", &self.theme_type)?;
        value::ZERO.hold("card.vip.access_status", &self.access_status)?;
        value::FLAG.hold("card.vip.avatar_subscript", &self.avatar_subscript)?;
        value::VIP_ROLE.hold("card.vip.role", &self.role)?;
        value::URL.hold("card.vip.avatar_subscript_url", &self.avatar_subscript_url)?;
        let Label { path, text, theme, text_color, bg_style: _, bg_color, border_color } = &self.label;
        value::URL.hold("card.vip.label.path", path)?;
        texts(
            &value::LINE,
            &[
                ("card.vip.label.text", text),
                ("card.vip.label.theme", theme),
                ("card.vip.due_remark", &self.due_remark),
                ("card.vip.status_warn", &self.status_warn),
            ],
        )?;
        texts(
            &value::COLOR,
            &[
                ("card.vip.nickname_color", &self.nickname_color),
                ("card.vip.label.text_color", text_color),
                ("card.vip.label.bg_color", bg_color),
                ("card.vip.label.border_color", border_color),
            ],
        )
    }
}

impl Valid for Profile {
    fn check(&self) -> Result<(), Invalid> {
        if let Some(birthday) = &self.birthday {
            value::BIRTHDAY.hold("profile.birthday", birthday)?;
        }
        value::FLAG.hold("profile.face_nft", &self.face_nft)?;
        value::TIME.hold("profile.jointime", &self.jointime)?;
        value::LINE.hold("profile.place", &self.place)?;
        value::PROSE.hold("profile.description", &self.description)?;
        self.pendant.check()?;
        self.nameplate.check()?;
        if let Some(Honour { colour, tags }) = &self.honour {
            value::LINE.hold("profile.honour.colour", colour.as_deref().unwrap_or_default())?;
            value::TAGS.hold("profile.honour.tags", tags)?;
        }
        texts(
            &value::URL,
            &[("profile.top_photo", &self.top_photo), ("profile.top_photo_small", &self.top_photo_small)],
        )?;
        self.live_room.check()?;
        let Profession { name, department, title, show: _ } = &self.profession;
        texts(
            &value::LINE,
            &[
                ("profile.school", self.school.as_deref().unwrap_or_default()),
                ("profile.profession.name", name),
                ("profile.profession.department", department),
                ("profile.profession.title", title),
            ],
        )?;
        value::TAGS.hold("profile.tags", self.tags.as_deref().unwrap_or_default())
    }
}

impl Valid for Pendant {
    fn check(&self) -> Result<(), Invalid> {
        let Pendant { pid, name, image, expire, image_enhance, image_enhance_frame } = self;
        value::COUNT.hold("profile.pendant.pid", pid)?;
        value::LINE.hold("profile.pendant.name", name)?;
        value::TIME.hold("profile.pendant.expire", expire)?;
        texts(
            &value::URL,
            &[
                ("profile.pendant.image", image),
                ("profile.pendant.image_enhance", image_enhance),
                ("profile.pendant.image_enhance_frame", image_enhance_frame),
            ],
        )
    }
}

impl Valid for Nameplate {
    fn check(&self) -> Result<(), Invalid> {
        let Nameplate { nid, name, image, image_small, level, condition } = self;
        value::COUNT.hold("profile.nameplate.nid", nid)?;
        texts(
            &value::LINE,
            &[
                ("profile.nameplate.name", name),
                ("profile.nameplate.level", level),
                ("profile.nameplate.condition", condition),
            ],
        )?;
        texts(
            &value::URL,
            &[("profile.nameplate.image", image), ("profile.nameplate.image_small", image_small)],
        )
    }
}

impl Valid for LiveRoom {
    fn check(&self) -> Result<(), Invalid> {
        let Watched { switch: _, num, text_small, text_large, icon, icon_location, icon_web } = &self.watched;
        value::COUNT.hold("profile.live_room.roomid", &self.roomid)?;
        value::ZERO.hold("profile.live_room.broadcast_type", &self.broadcast_type)?;
        value::COUNT.hold("profile.live_room.watched.num", num)?;
        texts(
            &value::URL,
            &[
                ("profile.live_room.url", &self.url),
                ("profile.live_room.cover", &self.cover),
                ("profile.live_room.watched.icon", icon),
                ("profile.live_room.watched.icon_web", icon_web),
            ],
        )?;
        texts(
            &value::LINE,
            &[
                ("profile.live_room.title", &self.title),
                ("profile.live_room.watched.text_small", text_small),
                ("profile.live_room.watched.text_large", text_large),
                ("profile.live_room.watched.icon_location", icon_location),
            ],
        )
    }
}

impl Valid for Account {
    fn check(&self) -> Result<(), Invalid> {
        value::USERID.hold("account.userid", &self.userid)?;
        private(&value::PHONE, "account.tel", self.tel.as_ref())?;
        private(&value::MAIL, "account.mail", self.mail.as_ref())?;
        value::SCORE.hold("account.score", &self.score)?;
        value::PASSWORD_LEVEL.hold("account.pwd_level", &self.pwd_level)?;
        value::TIME.hold("account.seen", &self.seen)
    }
}

impl Valid for Password {
    fn check(&self) -> Result<(), Invalid> {
        value::PHC.hold("password.phc", &self.phc)
    }
}

impl Valid for Question {
    fn check(&self) -> Result<(), Invalid> {
        private(&value::QUESTION, "question.question", self.question.as_ref())?;
        value::PHC.hold("question.answer", &self.answer)
    }
}

impl Valid for Realname {
    fn check(&self) -> Result<(), Invalid> {
        private(&value::REALNAME, "realname.name", self.name.as_ref())?;
        value::CARD_TYPE.hold("realname.card_type", &self.card_type)?;
        if let Some(Sensitive::Clear(number)) = &self.card
            && !number.is_empty()
        {
            value::hold_card("realname.card", self.card_type, number)?;
        }
        if let VerificationStatus::Rejected(reason) = &self.standing {
            value::REMARK.hold("realname.standing.rejected", reason)?;
        }
        value::TIME.hold("realname.submitted", &self.submitted)?;
        value::TIME.hold("realname.ended", &self.ended)
    }
}

impl Valid for Upstat {
    fn check(&self) -> Result<(), Invalid> {
        let Upstat { mid: _, archive_view, article_view, likes, archive_count, article_count, told } = self;
        for (field, count) in [
            ("upstat.archive_view", archive_view),
            ("upstat.article_view", article_view),
            ("upstat.likes", likes),
            ("upstat.archive_count", archive_count),
            ("upstat.article_count", article_count),
        ] {
            value::COUNT.hold(field, count)?;
        }
        value::TIME.hold("upstat.told", told)
    }
}

impl Valid for Growth {
    fn check(&self) -> Result<(), Invalid> {
        value::COUNT.hold("growth.exp", &self.exp)
    }
}

impl Valid for Group {
    fn check(&self) -> Result<(), Invalid> {
        value::TAGID.hold("group.tagid", &self.tagid)?;
        value::GROUP_NAME.hold("group.name", &self.name)
    }
}

impl Valid for TieRow {
    fn check(&self) -> Result<(), Invalid> {
        value::TIME.hold("tie.mtime", &self.tie.mtime)?;
        if self.tie.seq >= SEQ_LIMIT {
            return Err(Invalid { field: "tie.seq", rule: "a number below 1073741824" });
        }
        self.tie.groups.iter().try_for_each(|joined| value::TURN.hold("tie.groups", &joined.seq))
    }
}

impl Valid for Versions {
    /// A version is any number of its type.
    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

impl Valid for CoinRow {
    fn check(&self) -> Result<(), Invalid> {
        value::TIME.hold("coin.time", &self.time)?;
        value::DELTA.hold("coin.delta", &self.delta)?;
        value::LINE.hold("coin.reason", &self.reason)
    }
}

impl Valid for RewardRow {
    fn check(&self) -> Result<(), Invalid> {
        value::DAY.hold("reward.day", &self.day)?;
        value::COINS_EXP.hold("reward.given.coins", &self.given.coins)
    }
}

impl Valid for LoginRow {
    fn check(&self) -> Result<(), Invalid> {
        value::TIME.hold("login.time", &self.time)?;
        texts(
            &value::LINE,
            &[
                ("login.device", &self.device),
                ("login.buvid", &self.buvid),
                ("login.place", &self.place),
                ("login.carrier", &self.carrier),
            ],
        )
    }
}

impl Valid for SignReview {
    fn check(&self) -> Result<(), Invalid> {
        value::SIGN.hold("sign.sign", &self.sign)?;
        value::TIME.hold("sign.submitted", &self.submitted)?;
        value::TIME.hold("sign.due", &self.due.unwrap_or_default())?;
        if let Some(reason) = &self.rejected {
            value::REMARK.hold("sign.rejected", reason)?;
        }
        value::TIME.hold("sign.ended", &self.ended)
    }
}

impl Valid for EventRow {
    fn check(&self) -> Result<(), Invalid> {
        value::TIME.hold("event.time", &self.time)?;
        value::TIME.hold("event.forgotten", &self.forgotten)
    }
}

impl Valid for EventHorizon {
    fn check(&self) -> Result<(), Invalid> {
        if self.id != 0 {
            return Err(Invalid { field: "event_horizon.id", rule: "0, the only one there is" });
        }
        value::TIME.hold("event_horizon.time", &self.time)
    }
}

impl Valid for Tombstone {
    fn check(&self) -> Result<(), Invalid> {
        value::TIME.hold("tombstone.since", &self.since)
    }
}

impl Valid for AuditRow {
    fn check(&self) -> Result<(), Invalid> {
        value::SEQUENCE.hold("audit.seq", &self.seq)?;
        value::TIME.hold("audit.time", &self.time)?;
        texts(&value::LINE, &[("audit.by", &self.by), ("audit.deed", &self.deed)])?;
        let json =
            |text: &str| text.is_empty() || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        for (field, text) in [("audit.before", &self.before), ("audit.after", &self.after)] {
            if !json(text) {
                return Err(Invalid { field, rule: "JSON, or empty" });
            }
        }
        Ok(())
    }
}

impl Valid for Next {
    fn check(&self) -> Result<(), Invalid> {
        const RULE: &str = "a number from 1 to 6755399441055744, so that there is room above it";
        // Three quarters: sign-ups that went past the largest counted mid go on from there.
        let numbers = 1..=value::LARGEST_COUNTED / 2 * 3;
        if !numbers.contains(&self.mid) {
            return Err(Invalid { field: "next.mid", rule: RULE });
        }
        if !u64::try_from(self.tagid).is_ok_and(|tagid| numbers.contains(&tagid)) {
            return Err(Invalid { field: "next.tagid", rule: RULE });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
