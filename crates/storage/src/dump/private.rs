//! Decryption and redaction of the private data of rows.

use crate::encryption::{FieldCipher, SensitiveField};
use crate::model::{Account, Factors, MemberNote, Message, Question, Realname, Remark, Sensitive};
use crate::{Row, StorageError};
use guanxi_domain::news::NewsKind;
use guanxi_types::Mid;

/// Returns a row with its private texts as plaintext.
pub fn decrypt_row(row: Row, cipher: &FieldCipher) -> Result<Row, StorageError> {
    let decrypt = |field, mid: Mid, text: &Option<Sensitive>| {
        let text = cipher.decrypt_optional(field, mid, text.as_ref())?;
        Ok::<_, StorageError>(text.map(Sensitive::Plaintext))
    };
    Ok(match row {
        Row::Account(row) => {
            let tel = decrypt(SensitiveField::Tel, row.mid, &row.tel)?;
            let mail = decrypt(SensitiveField::Mail, row.mid, &row.mail)?;
            Row::Account(Box::new(Account { tel, mail, ..*row }))
        }
        Row::Realname(row) => {
            let name = decrypt(SensitiveField::Name, row.mid, &row.name)?;
            let card = decrypt(SensitiveField::Card, row.mid, &row.card)?;
            Row::Realname(Realname { name, card, ..row })
        }
        Row::Question(row) => {
            let question = decrypt(SensitiveField::Question, row.mid, &row.question)?;
            Row::Question(Question { question, ..row })
        }
        Row::Factors(row) => {
            let totp = decrypt(SensitiveField::Totp, row.mid, &row.totp)?;
            let pending_totp = decrypt(SensitiveField::Totp, row.mid, &row.pending_totp)?;
            Row::Factors(Factors { totp, pending_totp, ..row })
        }
        Row::Remark(row) => {
            let text = decrypt(SensitiveField::Remark, row.mid, &row.text)?;
            Row::Remark(Remark { text, ..row })
        }
        Row::MemberNote(row) => {
            let text = decrypt(SensitiveField::Note, row.mid, &row.text)?;
            Row::MemberNote(MemberNote { text, ..row })
        }
        Row::Message(row) => {
            let address = decrypt(SensitiveField::MessageAddress, row.mid, &row.address)?;
            let detail = decrypt(SensitiveField::MessageDetail, row.mid, &row.detail)?;
            Row::Message(Message { address, detail, ..row })
        }
        other => other,
    })
}

/// Returns a row without private data and secrets, as if they had never been set. `None` if nothing remains.
pub fn redact_row(row: Row) -> Option<Row> {
    match row {
        Row::Password(_)
        | Row::Question(_)
        | Row::Factors(_)
        | Row::Login(_)
        | Row::Remark(_)
        | Row::MemberNote(_)
        | Row::Message(_) => None,
        Row::Account(row) => {
            let Account { userid, nick_free, weibo, qq, skip_verify, .. } = *row;
            let row = Account { userid, nick_free, weibo, qq, skip_verify, ..Account::new(row.mid) };
            Some(Row::Account(Box::new(row)))
        }
        Row::Realname(row) => Some(Row::Realname(Realname { name: None, card: None, ..row })),
        Row::News(mut row) => {
            row.items.retain(|item| item.kind != NewsKind::Login);
            Some(Row::News(row))
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encryption::Keyring;
    use crate::model::{Card, LoginMethod, LoginRow, Password};
    use guanxi_domain::verification::VerificationStatus;

    fn mid() -> Mid {
        Mid::new(7).unwrap()
    }

    fn rows(encode: impl Fn(SensitiveField, &str) -> Sensitive) -> Vec<Row> {
        let mid = mid();
        let account = Account {
            userid: "gx_7".into(),
            tel: Some(encode(SensitiveField::Tel, "15312345056")),
            tel_verified: true,
            mail: Some(encode(SensitiveField::Mail, "a@b.cn")),
            mail_verified: true,
            has_password: true,
            score: 90,
            pwd_level: 3,
            security: true,
            safe_question: true,
            weibo: true,
            ..Account::new(mid)
        };
        let (status, card_type, submitted) = (VerificationStatus::Verified, 0, 90);
        let name = Some(encode(SensitiveField::Name, "陈唯恺"));
        let card = Some(encode(SensitiveField::Card, "61"));
        let (ip, method, success, time) = ([127, 0, 0, 1].into(), LoginMethod::Qr, true, 1);
        let text = String::new;
        let (device, buvid, location, isp) = (text(), text(), text(), text());
        let question = Some(encode(SensitiveField::Question, "猫"));
        vec![
            Row::Card(Box::new(Card::new(mid))),
            Row::Account(Box::new(account)),
            Row::Password(Password { mid, phc: "$argon2id$".into() }),
            Row::Question(Question { mid, question, answer: "$argon2id$".into() }),
            Row::Realname(Realname { mid, status, name, card, card_type, submitted, ended: 0 }),
            Row::Login(LoginRow { mid, time, ip, method, success, device, buvid, location, isp }),
        ]
    }

    #[test]
    fn decrypted_row_has_plaintext() {
        let cipher = FieldCipher::new(Keyring::generate());
        let encrypted = rows(|field, text| cipher.encrypt(field, mid(), text).unwrap());
        let decrypted: Vec<Row> =
            encrypted.iter().cloned().map(|row| decrypt_row(row, &cipher).unwrap()).collect();
        assert_eq!(decrypted, rows(|_, text| Sensitive::Plaintext(text.into())));
        let other = FieldCipher::new(Keyring::generate());
        assert!(encrypted.into_iter().any(|row| decrypt_row(row, &other).is_err()));
    }

    #[test]
    fn redacted_row_has_no_private_data() {
        let lines: Vec<String> = rows(|_, text| Sensitive::Plaintext(text.into()))
            .into_iter()
            .filter_map(redact_row)
            .map(|row| serde_json::to_string(&row).unwrap())
            .collect();
        assert_eq!(
            lines,
            [
                r#"{"card":{"mid":7}}"#,
                r#"{"account":{"mid":7,"userid":"gx_7","weibo":true}}"#,
                r#"{"realname":{"mid":7,"status":"verified","submitted":90}}"#,
            ]
        );
    }
}
