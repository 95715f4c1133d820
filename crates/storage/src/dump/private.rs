//! Rows with what is private of them, or without.

use crate::row::{Account, Question, Realname, Sensitive};
use crate::vault::{Field, FieldCipher};
use crate::{Row, StorageError};
use guanxi_types::Mid;

/// A row with its private texts in the clear.
pub fn in_the_clear(row: Row, vault: &FieldCipher) -> Result<Row, StorageError> {
    let open = |field, mid: Mid, text: &Option<Sensitive>| {
        let text = vault.open_any(field, mid, text.as_ref())?;
        Ok::<_, StorageError>(text.map(Sensitive::Clear))
    };
    Ok(match row {
        Row::Account(row) => {
            let (tel, mail) = (open(Field::Tel, row.mid, &row.tel)?, open(Field::Mail, row.mid, &row.mail)?);
            Row::Account(Box::new(Account { tel, mail, ..*row }))
        }
        Row::Realname(row) => {
            let (name, card) =
                (open(Field::Name, row.mid, &row.name)?, open(Field::Card, row.mid, &row.card)?);
            Row::Realname(Realname { name, card, ..row })
        }
        Row::Question(row) => {
            let question = open(Field::Question, row.mid, &row.question)?;
            Row::Question(Question { question, ..row })
        }
        other => other,
    })
}

/// A row without what is private or secret, as if it had never been given; none if nothing is left.
pub fn without_private(row: Row) -> Option<Row> {
    match row {
        Row::Password(_) | Row::Question(_) | Row::Login(_) => None,
        Row::Account(row) => {
            let Account { userid, nick_free, weibo, qq, skip_verify, .. } = *row;
            let row = Account { userid, nick_free, weibo, qq, skip_verify, ..Account::of(row.mid) };
            Some(Row::Account(Box::new(row)))
        }
        Row::Realname(row) => Some(Row::Realname(Realname { name: None, card: None, ..row })),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::{Card, LoginMethod, LoginRow, Password};
    use crate::vault::Keyring;
    use guanxi_domain::realname::VerificationStatus;

    fn mid() -> Mid {
        Mid::new(7).unwrap()
    }

    fn rows(private: impl Fn(Field, &str) -> Sensitive) -> Vec<Row> {
        let mid = mid();
        let account = Account {
            userid: "gx_7".into(),
            tel: Some(private(Field::Tel, "15312345056")),
            tel_verified: true,
            mail: Some(private(Field::Mail, "a@b.cn")),
            mail_verified: true,
            has_password: true,
            score: 90,
            pwd_level: 3,
            security: true,
            safe_question: true,
            weibo: true,
            ..Account::of(mid)
        };
        let (standing, card_type, submitted) = (VerificationStatus::Verified, 0, 90);
        let (name, card) = (Some(private(Field::Name, "陈唯恺")), Some(private(Field::Card, "61")));
        let (ip, how, ok, time) = ([127, 0, 0, 1].into(), LoginMethod::Qr, true, 1);
        let text = String::new;
        let (device, buvid, place, carrier) = (text(), text(), text(), text());
        let question = Some(private(Field::Question, "猫"));
        vec![
            Row::Card(Box::new(Card::of(mid))),
            Row::Account(Box::new(account)),
            Row::Password(Password { mid, phc: "$argon2id$".into() }),
            Row::Question(Question { mid, question, answer: "$argon2id$".into() }),
            Row::Realname(Realname { mid, standing, name, card, card_type, submitted, ended: 0 }),
            Row::Login(LoginRow { mid, time, ip, how, ok, device, buvid, place, carrier }),
        ]
    }

    #[test]
    fn what_was_sealed_stands_in_the_clear() {
        let vault = FieldCipher::new(Keyring::draw());
        let sealed = rows(|field, text| vault.seal(field, mid(), text).unwrap());
        let opened: Vec<Row> = sealed.iter().cloned().map(|row| in_the_clear(row, &vault).unwrap()).collect();
        assert_eq!(opened, rows(|_, text| Sensitive::Clear(text.into())));
        let other = FieldCipher::new(Keyring::draw());
        assert!(sealed.into_iter().any(|row| in_the_clear(row, &other).is_err()));
    }

    #[test]
    fn what_is_private_is_left_out_as_if_it_had_never_been_given() {
        let told: Vec<String> = rows(|_, text| Sensitive::Clear(text.into()))
            .into_iter()
            .filter_map(without_private)
            .map(|row| serde_json::to_string(&row).unwrap())
            .collect();
        assert_eq!(
            told,
            [
                r#"{"card":{"mid":7}}"#,
                r#"{"account":{"mid":7,"userid":"gx_7","weibo":true}}"#,
                r#"{"realname":{"mid":7,"standing":"verified","submitted":90}}"#,
            ]
        );
    }
}
