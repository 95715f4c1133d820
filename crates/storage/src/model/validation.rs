//! Validation of rows, the same for every writer.

use super::{
    Account, AuditRow, BioReview, Card, CoinRow, ContactKind, EventIdWatermark, EventRow, Experience,
    Factors, Group, Honour, Leaving, LiveRoom, LiveViewers, LoginRow, MemberNote, Message, NameReview,
    Nameplate, NewsRow, NextIds, Official, Passkey, Password, Pendant, Picture, Privacy, Profession, Profile,
    Question, Realname, RelationRow, Remark, RewardRow, Row, Sensitive, Tombstone, Upstat, Versions, Vip,
    VipLabel,
};
use guanxi_domain::news::NewsItem;
use guanxi_domain::value::{self, InvalidValue, Rule};
use guanxi_domain::verification::VerificationStatus;

/// A row with validation rules for its values. The writer of a row checks its relation to other rows.
pub(crate) trait Validate {
    /// Returns an error for the first invalid field.
    fn validate(&self) -> Result<(), InvalidValue>;
}

impl Row {
    /// Returns an error for the first invalid field.
    pub fn validate(&self) -> Result<(), InvalidValue> {
        match self {
            Row::Card(row) => row.validate(),
            Row::Profile(row) => row.validate(),
            Row::Account(row) => row.validate(),
            Row::Password(row) => row.validate(),
            Row::Question(row) => row.validate(),
            Row::Factors(row) => row.validate(),
            Row::Realname(row) => row.validate(),
            Row::Upstat(row) => row.validate(),
            Row::Experience(row) => row.validate(),
            Row::Group(row) => row.validate(),
            Row::Relation(row) => row.validate(),
            Row::Remark(row) => row.validate(),
            Row::Versions(row) => row.validate(),
            Row::Coin(row) => row.validate(),
            Row::Reward(row) => row.validate(),
            Row::Login(row) => row.validate(),
            Row::BioReview(row) => row.validate(),
            Row::NameReview(row) => row.validate(),
            Row::Privacy(row) => row.validate(),
            Row::Leaving(row) => row.validate(),
            Row::Picture(row) => row.validate(),
            Row::News(row) => row.validate(),
            Row::MemberNote(row) => row.validate(),
            Row::Message(row) => row.validate(),
            Row::Event(row) => row.validate(),
            Row::EventIdWatermark(row) => row.validate(),
            Row::Audit(row) => row.validate(),
            Row::Tombstone(row) => row.validate(),
            Row::Next(row) => row.validate(),
        }
    }
}

fn validate_texts(rule: &Rule<str>, fields: &[(&'static str, &str)]) -> Result<(), InvalidValue> {
    fields.iter().try_for_each(|&(field, text)| rule.validate(field, text))
}

/// Validates a private text in plaintext. Ciphertext was validated before its encryption.
fn validate_sensitive(
    rule: &Rule<str>,
    field: &'static str,
    sensitive: Option<&Sensitive>,
) -> Result<(), InvalidValue> {
    match sensitive {
        Some(Sensitive::Plaintext(text)) if !text.is_empty() => rule.validate(field, text),
        _ => Ok(()),
    }
}

impl Validate for Card {
    fn validate(&self) -> Result<(), InvalidValue> {
        let Card { mid: _, uname, face, sign, official, vip } = self;
        let Official { role: _, title, desc, verified: _ } = official;
        value::NAME.validate("card.uname", uname)?;
        value::FACE.validate("card.face", face)?;
        value::BIO.validate("card.sign", sign)?;
        validate_texts(&value::LONG_LINE, &[("card.official.title", title), ("card.official.desc", desc)])?;
        vip.validate()
    }
}

impl Validate for Vip {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::VIP_KIND.validate("card.vip.kind", &self.kind)?;
        value::VIP_STATUS.validate("card.vip.status", &self.status)?;
        value::MILLISECONDS.validate("card.vip.due_date", &self.due_date)?;
        value::FLAG.validate("card.vip.pay_type", &self.pay_type)?;
        value::ZERO.validate("card.vip.theme_type", &self.theme_type)?;
        value::ZERO.validate("card.vip.access_status", &self.access_status)?;
        value::FLAG.validate("card.vip.avatar_subscript", &self.avatar_subscript)?;
        value::VIP_ROLE.validate("card.vip.role", &self.role)?;
        value::URL.validate("card.vip.avatar_subscript_url", &self.avatar_subscript_url)?;
        let VipLabel { path, text, theme, text_color, bg_style: _, bg_color, border_color } = &self.label;
        value::URL.validate("card.vip.label.path", path)?;
        validate_texts(
            &value::LINE,
            &[
                ("card.vip.label.text", text),
                ("card.vip.label.theme", theme),
                ("card.vip.due_remark", &self.due_remark),
                ("card.vip.status_warn", &self.status_warn),
            ],
        )?;
        validate_texts(
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

impl Validate for Profile {
    fn validate(&self) -> Result<(), InvalidValue> {
        if let Some(birthday) = &self.birthday {
            value::BIRTHDAY.validate("profile.birthday", birthday)?;
        }
        value::FLAG.validate("profile.face_nft", &self.face_nft)?;
        value::TIME.validate("profile.jointime", &self.jointime)?;
        value::LINE.validate("profile.place", &self.place)?;
        value::MULTILINE.validate("profile.description", &self.description)?;
        self.pendant.validate()?;
        self.nameplate.validate()?;
        if let Some(Honour { colour, tags }) = &self.honour {
            value::LINE.validate("profile.honour.colour", colour.as_deref().unwrap_or_default())?;
            value::TAGS.validate("profile.honour.tags", tags)?;
        }
        validate_texts(
            &value::URL,
            &[("profile.top_photo", &self.top_photo), ("profile.top_photo_small", &self.top_photo_small)],
        )?;
        self.live_room.validate()?;
        let Profession { name, department, title, show: _ } = &self.profession;
        validate_texts(
            &value::LINE,
            &[
                ("profile.school", self.school.as_deref().unwrap_or_default()),
                ("profile.profession.name", name),
                ("profile.profession.department", department),
                ("profile.profession.title", title),
            ],
        )?;
        value::TAGS.validate("profile.tags", self.tags.as_deref().unwrap_or_default())
    }
}

impl Validate for Pendant {
    fn validate(&self) -> Result<(), InvalidValue> {
        let Pendant { pid, name, image, expire, image_enhance, image_enhance_frame } = self;
        value::COUNT.validate("profile.pendant.pid", pid)?;
        value::LINE.validate("profile.pendant.name", name)?;
        value::TIME.validate("profile.pendant.expire", expire)?;
        validate_texts(
            &value::URL,
            &[
                ("profile.pendant.image", image),
                ("profile.pendant.image_enhance", image_enhance),
                ("profile.pendant.image_enhance_frame", image_enhance_frame),
            ],
        )
    }
}

impl Validate for Nameplate {
    fn validate(&self) -> Result<(), InvalidValue> {
        let Nameplate { nid, name, image, image_small, level, condition } = self;
        value::COUNT.validate("profile.nameplate.nid", nid)?;
        validate_texts(
            &value::LINE,
            &[
                ("profile.nameplate.name", name),
                ("profile.nameplate.level", level),
                ("profile.nameplate.condition", condition),
            ],
        )?;
        validate_texts(
            &value::URL,
            &[("profile.nameplate.image", image), ("profile.nameplate.image_small", image_small)],
        )
    }
}

impl Validate for LiveRoom {
    fn validate(&self) -> Result<(), InvalidValue> {
        let LiveViewers { switch: _, num, text_small, text_large, icon, icon_location, icon_web } =
            &self.watched;
        value::COUNT.validate("profile.live_room.roomid", &self.roomid)?;
        value::ZERO.validate("profile.live_room.broadcast_type", &self.broadcast_type)?;
        value::COUNT.validate("profile.live_room.watched.num", num)?;
        validate_texts(
            &value::URL,
            &[
                ("profile.live_room.url", &self.url),
                ("profile.live_room.cover", &self.cover),
                ("profile.live_room.watched.icon", icon),
                ("profile.live_room.watched.icon_web", icon_web),
            ],
        )?;
        validate_texts(
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

impl Validate for Account {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::USERID.validate("account.userid", &self.userid)?;
        validate_sensitive(&value::PHONE, "account.tel", self.tel.as_ref())?;
        validate_sensitive(&value::MAIL, "account.mail", self.mail.as_ref())?;
        value::SCORE.validate("account.score", &self.score)?;
        value::PASSWORD_LEVEL.validate("account.pwd_level", &self.pwd_level)?;
        value::TIME.validate("account.name_changed", &self.name_changed)
    }
}

impl Validate for Password {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::PHC.validate("password.phc", &self.phc)
    }
}

impl Validate for Question {
    fn validate(&self) -> Result<(), InvalidValue> {
        validate_sensitive(&value::QUESTION, "question.question", self.question.as_ref())?;
        value::PHC.validate("question.answer", &self.answer)
    }
}

impl Validate for Factors {
    fn validate(&self) -> Result<(), InvalidValue> {
        validate_sensitive(&value::TOTP_SECRET, "factors.totp", self.totp.as_ref())?;
        validate_sensitive(&value::TOTP_SECRET, "factors.pending_totp", self.pending_totp.as_ref())?;
        value::COUNT.validate("factors.totp_step", &self.totp_step.unsigned_abs())?;
        let mut codes = self.recovery_codes.iter();
        codes.try_for_each(|hash| value::SHA256.validate("factors.recovery_codes", hash))?;
        for Passkey { name, created, used, credential_id, credential, .. } in &self.passkeys {
            value::PASSKEY_NAME.validate("factors.passkeys.name", name)?;
            value::TIME.validate("factors.passkeys.created", created)?;
            value::TIME.validate("factors.passkeys.used", used)?;
            value::CREDENTIAL.validate("factors.passkeys.credential_id", credential_id)?;
            value::CREDENTIAL.validate("factors.passkeys.credential", credential)?;
        }
        Ok(())
    }
}

impl Validate for Remark {
    fn validate(&self) -> Result<(), InvalidValue> {
        validate_sensitive(&value::MEMBER_REMARK, "remark.text", self.text.as_ref())
    }
}

impl Validate for MemberNote {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::TIME.validate("member_note.time", &self.time)?;
        value::TOKEN_NAME.validate("member_note.operator", &self.operator)?;
        validate_sensitive(&value::NOTE, "member_note.text", self.text.as_ref())
    }
}

impl Validate for Realname {
    fn validate(&self) -> Result<(), InvalidValue> {
        validate_sensitive(&value::REALNAME, "realname.name", self.name.as_ref())?;
        value::CARD_TYPE.validate("realname.card_type", &self.card_type)?;
        if let Some(Sensitive::Plaintext(number)) = &self.card
            && !number.is_empty()
        {
            value::validate_card_number("realname.card", self.card_type, number)?;
        }
        if let VerificationStatus::Rejected(reason) = &self.status {
            value::REMARK.validate("realname.status.rejected", reason)?;
        }
        value::TIME.validate("realname.submitted", &self.submitted)?;
        value::TIME.validate("realname.ended", &self.ended)
    }
}

impl Validate for Upstat {
    fn validate(&self) -> Result<(), InvalidValue> {
        let Upstat { mid: _, archive_view, article_view, likes, archive_count, article_count, counted_at } =
            self;
        for (field, count) in [
            ("upstat.archive_view", archive_view),
            ("upstat.article_view", article_view),
            ("upstat.likes", likes),
            ("upstat.archive_count", archive_count),
            ("upstat.article_count", article_count),
        ] {
            value::COUNT.validate(field, count)?;
        }
        value::TIME.validate("upstat.counted_at", counted_at)
    }
}

impl Validate for Experience {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::COUNT.validate("growth.exp", &self.exp)
    }
}

impl Validate for Group {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::TAGID.validate("group.tagid", &self.tagid)?;
        value::GROUP_NAME.validate("group.name", &self.name)
    }
}

impl Validate for RelationRow {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::TIME.validate("relation.mtime", &self.relation.mtime)?;
        value::RELATION_SEQ.validate("relation.seq", &self.relation.seq)?;
        let mut groups = self.relation.groups.iter();
        groups.try_for_each(|membership| value::JOIN_SEQ.validate("relation.groups", &membership.seq))
    }
}

impl Validate for Versions {
    /// Accepts all versions.
    fn validate(&self) -> Result<(), InvalidValue> {
        Ok(())
    }
}

impl Validate for CoinRow {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::TIME.validate("coin.time", &self.time)?;
        value::DELTA.validate("coin.delta", &self.delta)?;
        value::LINE.validate("coin.reason", &self.reason)
    }
}

impl Validate for RewardRow {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::DAY.validate("reward.day", &self.day)?;
        value::TIP_EXP.validate("reward.granted.coins", &self.granted.coins)?;
        value::COUNT.validate("reward.other", &self.other.unsigned_abs())
    }
}

impl Validate for Privacy {
    /// Accepts all audiences.
    fn validate(&self) -> Result<(), InvalidValue> {
        Ok(())
    }
}

impl Validate for Leaving {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::TIME.validate("leaving.since", &self.since)?;
        value::TIME.validate("leaving.due", &self.due)
    }
}

impl Validate for NewsRow {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::TIME.validate("news.seen", &self.seen)?;
        value::TIME.validate("news.followers_seen", &self.followers_seen)?;
        value::TIME.validate("news.expires", &self.expires.unwrap_or(0))?;
        value::NEWS_ID.validate("news.last_id", &self.last_id)?;
        value::NEWS_ITEMS.validate("news.items", &self.items)?;
        for NewsItem { id, time, text, remark, ip, level, coins, session, .. } in &self.items {
            value::COUNT.validate("news.items.session", session)?;
            value::NEWS_ID.validate("news.items.id", id)?;
            value::TIME.validate("news.items.time", time)?;
            value::LEVEL.validate("news.items.level", level)?;
            value::DELTA.validate("news.items.coins", coins)?;
            value::LINE.validate("news.items.ip", ip)?;
            for (field, text) in [("news.items.text", text), ("news.items.remark", remark)] {
                value::MULTILINE.validate(field, text)?;
            }
        }
        Ok(())
    }
}

impl Validate for Message {
    fn validate(&self) -> Result<(), InvalidValue> {
        let Message { id, contact, language, address, detail, created, expires, next_attempt, error, .. } =
            self;
        value::COUNT.validate("message.id", id)?;
        let rule = match contact {
            ContactKind::Tel => &value::PHONE,
            ContactKind::Mail => &value::MAIL,
        };
        validate_sensitive(rule, "message.address", address.as_ref())?;
        validate_sensitive(&value::MULTILINE, "message.detail", detail.as_ref())?;
        validate_texts(&value::LONG_LINE, &[("message.language", language), ("message.error", error)])?;
        for (field, time) in [
            ("message.created", created),
            ("message.expires", expires),
            ("message.next_attempt", next_attempt),
        ] {
            value::TIME.validate(field, time)?;
        }
        Ok(())
    }
}

impl Validate for LoginRow {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::TIME.validate("login.time", &self.time)?;
        validate_texts(
            &value::LINE,
            &[
                ("login.device", &self.device),
                ("login.buvid", &self.buvid),
                ("login.location", &self.location),
                ("login.isp", &self.isp),
            ],
        )
    }
}

impl Validate for BioReview {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::BIO.validate("bio_review.sign", &self.sign)?;
        value::TIME.validate("bio_review.submitted", &self.submitted)?;
        value::TIME.validate("bio_review.due", &self.due.unwrap_or_default())?;
        if let Some(reason) = &self.rejected {
            value::REMARK.validate("bio_review.rejected", reason)?;
        }
        value::TIME.validate("bio_review.ended", &self.ended)
    }
}

impl Validate for NameReview {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::NAME.validate("name_review.uname", &self.uname)?;
        value::TIME.validate("name_review.submitted", &self.submitted)?;
        if let Some(reason) = &self.rejected {
            value::REMARK.validate("name_review.rejected", reason)?;
        }
        value::TIME.validate("name_review.ended", &self.ended)
    }
}

impl Validate for Picture {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::PICTURE_SIZE.validate("picture.size", &self.size)?;
        value::PICTURE.validate("picture.jpeg", &self.jpeg.0)
    }
}

impl Validate for EventRow {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::TIME.validate("event.time", &self.time)?;
        value::TIME.validate("event.expires", &self.expires)
    }
}

impl Validate for EventIdWatermark {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::ZERO.validate("event_id_watermark.id", &self.id)?;
        value::TIME.validate("event_id_watermark.time", &self.time)
    }
}

impl Validate for Tombstone {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::TIME.validate("tombstone.since", &self.since)
    }
}

impl Validate for AuditRow {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::AUDIT_SEQ.validate("audit.seq", &self.seq)?;
        value::TIME.validate("audit.time", &self.time)?;
        validate_texts(&value::LINE, &[("audit.operator", &self.operator), ("audit.action", &self.action)])?;
        let is_json =
            |text: &str| text.is_empty() || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        for (field, text) in [("audit.before", &self.before), ("audit.after", &self.after)] {
            if !is_json(text) {
                return Err(InvalidValue { field, rule: "JSON, or empty" });
            }
        }
        Ok(())
    }
}

impl Validate for NextIds {
    fn validate(&self) -> Result<(), InvalidValue> {
        value::NEXT_ID.validate("next.mid", &self.mid)?;
        value::NEXT_ID.validate("next.tagid", &u64::try_from(self.tagid).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests;
