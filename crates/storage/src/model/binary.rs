//! The binary form of rows, which the embedded engine stores.
//!
//! A struct is its key fields, the set of its other fields that have no default value as a bit mask, and these fields
//! in order. So a field can be appended to a struct without a new format. A field that this program does not know is
//! an error.

use super::{
    Change, ContactKind, LoginMethod, MessageKind, OfficialKind, Passkey, Rank, Sensitive, Sex,
    kind_from_number, kind_number,
};
use crate::StorageError;
use crate::dump::ImportProgress;
use crate::varint::{read_bytes, read_varint, unzigzag, write_bytes, write_varint, zigzag};
use guanxi_domain::news::{NewsItem, NewsKind};
use guanxi_domain::privacy::Audience;
use guanxi_domain::rate_limit::BucketState;
use guanxi_domain::relation::{GroupMembership, Relation, RelationKind};
use guanxi_domain::reward::DailyRewards;
use guanxi_domain::undo::RelationChange;
use guanxi_domain::verification::VerificationStatus;
use guanxi_types::{Coins, Mid, Role, Tagid};
use jiff::civil::Date;
use std::net::IpAddr;

/// A value with a binary form.
pub trait Binary: Sized {
    /// Appends the value. Fails for a private text that is not encrypted.
    fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError>;

    /// Reads a value from the front of `input`. Returns `None` if it is malformed.
    fn read(input: &mut &[u8]) -> Option<Self>;
}

/// Returns the bit mask of the fields that are present.
pub(super) fn field_set(present: &[bool]) -> u64 {
    present.iter().rev().fold(0, |set, is_present| set << 1 | u64::from(*is_present))
}

/// The fields of a struct that are still to be read.
pub(super) struct Fields(u64);

impl Fields {
    pub(super) fn read(input: &mut &[u8]) -> Option<Fields> {
        Binary::read(input).map(Fields)
    }

    /// Reads the next field. An absent one has its default value.
    pub(super) fn next<T: Binary + Default>(&mut self, input: &mut &[u8]) -> Option<T> {
        let is_present = self.0 & 1 == 1;
        self.0 >>= 1;
        if is_present { T::read(input) } else { Some(T::default()) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0 == 0
    }
}

/// Implements [`Binary`] for a struct. The fields in parentheses are always present.
macro_rules! impl_binary {
    ($name:ident ($($key:ident),*) { $($field:ident),* $(,)? }) => {
        impl crate::model::binary::Binary for $name {
            fn write(&self, out: &mut Vec<u8>) -> Result<(), crate::StorageError> {
                $(crate::model::binary::Binary::write(&self.$key, out)?;)*
                let set = crate::model::binary::field_set(&[$(!crate::model::is_default(&self.$field)),*]);
                crate::model::binary::Binary::write(&set, out)?;
                $(if !crate::model::is_default(&self.$field) {
                    crate::model::binary::Binary::write(&self.$field, out)?;
                })*
                Ok(())
            }

            fn read(input: &mut &[u8]) -> Option<Self> {
                $(let $key = crate::model::binary::Binary::read(input)?;)*
                let fields = &mut crate::model::binary::Fields::read(input)?;
                let row = $name { $($key,)* $($field: fields.next(input)?,)* };
                fields.is_empty().then_some(row)
            }
        }
    };
}
pub(super) use impl_binary;

impl_binary!(DailyRewards() { login, watch, coins, share });
impl_binary!(BucketState() { attempts, locked_until, lockouts });
impl_binary!(ImportProgress(rows, digest) {});
impl_binary!(Relation(kind, mtime, seq, source, groups) {});
impl_binary!(GroupMembership(tagid, seq) {});
impl_binary!(RelationChange(from, to, before, after) {});
impl_binary!(Change() { relations, group, is_batch });
impl_binary!(Passkey(id, name, created, used, credential_id, credential) {});
impl_binary!(NewsItem(id, time, kind) { read, text, remark, ip, level, coins, session });

/// Implements [`Binary`] for a type by two conversions to another type that has it.
macro_rules! impl_by_conversion {
    ($($type:ty as $other:ty, $to:expr, $from:expr;)+) => {
        $(impl Binary for $type {
            fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError> {
                let to: fn(&$type) -> $other = $to;
                to(self).write(out)
            }

            #[inline]
            fn read(input: &mut &[u8]) -> Option<$type> {
                let from: fn($other) -> Option<$type> = $from;
                from(<$other>::read(input)?)
            }
        })+
    };
}

impl_by_conversion! {
    u8 as u64, |number| u64::from(*number), |number| number.try_into().ok();
    u32 as u64, |number| u64::from(*number), |number| number.try_into().ok();
    i64 as u64, |number| zigzag(*number), |number| Some(unzigzag(number));
    i32 as i64, |number| i64::from(*number), |number| number.try_into().ok();
    bool as u8, |flag| u8::from(*flag), |number| (number <= 1).then_some(number == 1);
    // As in keys, so a search of the disk for a member finds one form.
    Mid as [u8; 8], |mid| mid.get().to_be_bytes(), |bytes| Mid::new(u64::from_be_bytes(bytes));
    Tagid as i64, |tagid| tagid.0, |tagid| Some(Tagid(tagid));
    Coins as i64, |coins| coins.tenths(), |tenths| Some(Coins::from_tenths(tenths));
    RelationKind as u8, |kind| kind_number(*kind), kind_from_number;
    Rank as u32, |rank| rank.0, |rank| Some(Rank(rank));
}

/// Implements [`Binary`] for enums without fields. A number is never used again.
macro_rules! impl_enums {
    ($($type:ident { $($variant:ident = $number:literal),+ })+) => {
        $(impl Binary for $type {
            fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError> {
                let number: u8 = match self { $($type::$variant => $number,)+ };
                number.write(out)
            }

            fn read(input: &mut &[u8]) -> Option<$type> {
                match u8::read(input)? { $($number => Some($type::$variant),)+ _ => None }
            }
        })+
    };
}

impl_enums! {
    Sex { Secret = 0, Man = 1, Woman = 2 }
    OfficialKind { None = 0, Person = 1, Organisation = 2 }
    LoginMethod { Password = 0, Qr = 1, Passkey = 2 }
    Audience { Everybody = 0, Mutuals = 1, Oneself = 2 }
    ContactKind { Tel = 0, Mail = 1 }
    MessageKind {
        VerificationCode = 0, RecoveryCode = 1, Login = 2, PasswordChanged = 3, TelChanged = 4, MailChanged = 5,
        FactorsChanged = 6
    }
    Role { Admin = 0, Moderator = 1, Ingest = 2 }
    NewsKind {
        SignApproved = 0, SignRejected = 1, RealnameVerified = 2, RealnameRejected = 3, Login = 4, Level = 5, Coins = 6
    }
}

impl Binary for u64 {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError> {
        write_varint(*self, out);
        Ok(())
    }

    #[inline]
    fn read(input: &mut &[u8]) -> Option<u64> {
        let (length, number) = read_varint(input)?;
        *input = &input[length..];
        Some(number)
    }
}

/// Reads a byte string.
fn read_slice<'i>(input: &mut &'i [u8]) -> Option<&'i [u8]> {
    let (bytes, rest) = read_bytes(input)?;
    *input = rest;
    Some(bytes)
}

impl Binary for String {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError> {
        write_bytes(self.as_bytes(), out);
        Ok(())
    }

    fn read(input: &mut &[u8]) -> Option<String> {
        str::from_utf8(read_slice(input)?).ok().map(str::to_owned)
    }
}

impl Binary for Sensitive {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError> {
        match self {
            Sensitive::Plaintext(_) => Err(StorageError::engine("cannot store a private text as plaintext")),
            Sensitive::Ciphertext(bytes) => {
                write_bytes(bytes, out);
                Ok(())
            }
        }
    }

    fn read(input: &mut &[u8]) -> Option<Sensitive> {
        read_slice(input).filter(|bytes| !bytes.is_empty()).map(|bytes| Sensitive::Ciphertext(bytes.to_vec()))
    }
}

impl<const N: usize> Binary for [u8; N] {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError> {
        out.extend_from_slice(self);
        Ok(())
    }

    fn read(input: &mut &[u8]) -> Option<[u8; N]> {
        let (bytes, rest) = input.split_first_chunk()?;
        *input = rest;
        Some(*bytes)
    }
}

impl<T: Binary> Binary for Option<T> {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError> {
        self.is_some().write(out)?;
        self.as_ref().map_or(Ok(()), |value| value.write(out))
    }

    fn read(input: &mut &[u8]) -> Option<Option<T>> {
        if bool::read(input)? { T::read(input).map(Some) } else { Some(None) }
    }
}

impl<T: Binary> Binary for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError> {
        (self.len() as u64).write(out)?;
        self.iter().try_for_each(|value| value.write(out))
    }

    fn read(input: &mut &[u8]) -> Option<Vec<T>> {
        (0..u64::read(input)?).map(|_| T::read(input)).collect()
    }
}

impl Binary for Date {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError> {
        i32::from(self.year()).write(out)?;
        [self.month(), self.day()].map(i8::cast_unsigned).write(out)
    }

    fn read(input: &mut &[u8]) -> Option<Date> {
        let (year, [month, day]) = (i32::read(input)?, <[u8; 2]>::read(input)?);
        Date::new(year.try_into().ok()?, month.cast_signed(), day.cast_signed()).ok()
    }
}

impl Binary for IpAddr {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError> {
        match self {
            IpAddr::V4(address) => write_bytes(&address.octets(), out),
            IpAddr::V6(address) => write_bytes(&address.octets(), out),
        }
        Ok(())
    }

    fn read(input: &mut &[u8]) -> Option<IpAddr> {
        let bytes = read_slice(input)?;
        let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from).ok();
        v4.or_else(|| <[u8; 16]>::try_from(bytes).map(IpAddr::from).ok())
    }
}

impl Binary for VerificationStatus {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError> {
        match self {
            VerificationStatus::Waiting => 0u8.write(out),
            VerificationStatus::Verified => 1u8.write(out),
            VerificationStatus::Rejected(remark) => {
                2u8.write(out)?;
                remark.write(out)
            }
        }
    }

    fn read(input: &mut &[u8]) -> Option<VerificationStatus> {
        Some(match u8::read(input)? {
            0 => VerificationStatus::Waiting,
            1 => VerificationStatus::Verified,
            2 => VerificationStatus::Rejected(Binary::read(input)?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Account, Card, LatestLogin, LoginRow, Profile, Realname, Session, Vip};
    use proptest::prelude::*;

    fn encode<T: Binary>(value: &T) -> Vec<u8> {
        let mut out = Vec::new();
        value.write(&mut out).unwrap();
        out
    }

    fn decode<T: Binary>(mut bytes: &[u8]) -> Option<T> {
        T::read(&mut bytes).filter(|_| bytes.is_empty())
    }

    fn assert_round_trip<T: Binary + PartialEq + std::fmt::Debug>(value: &T) {
        let bytes = encode(value);
        assert_eq!(decode::<T>(&bytes).as_ref(), Some(value));
        for length in 0..bytes.len() {
            assert_eq!(decode::<T>(&bytes[..length]), None, "{length} bytes of {value:?}");
        }
    }

    #[test]
    fn rows_round_trip_and_truncated_ones_are_malformed() {
        let mid = Mid::new(7).unwrap();
        assert_round_trip(&Card { uname: "甲".into(), ..Card::new(mid) });
        let birthday = Some("-000044-03-15".parse().unwrap());
        assert_round_trip(&Profile { birthday, sex: Sex::Woman, tags: Some(vec![]), ..Profile::new(mid) });
        let tel = Some(Sensitive::Ciphertext(vec![1]));
        assert_round_trip(&Account { tel, ..Account::new(mid) });
        let status = VerificationStatus::Rejected("x".into());
        assert_round_trip(&Realname {
            mid,
            status,
            name: None,
            card: None,
            card_type: 0,
            submitted: -9,
            ended: 1,
        });
        for (ip, method) in [("1.2.3.4", LoginMethod::Qr), ("240e::1", LoginMethod::Password)] {
            let (ip, text) = (ip.parse().unwrap(), String::new());
            let (buvid, location, isp) = (text.clone(), text.clone(), text.clone());
            let login =
                LoginRow { mid, time: 1, ip, method, success: true, device: text, buvid, location, isp };
            assert_round_trip(&LatestLogin { mid, device: [9; 32], login });
        }
    }

    #[test]
    fn default_field_takes_no_byte() {
        let mid = Mid::new(7).unwrap();
        assert_eq!(encode(&Card::new(mid)), [0, 0, 0, 0, 0, 0, 0, 7, 0]);
        let vip = Vip { status: 1, ..Vip::default() };
        assert_eq!(encode(&Card { vip, ..Card::new(mid) })[8..], [0b10000, 0b10, 1]);
    }

    #[test]
    fn row_without_an_appended_field_has_its_default() {
        let mid = Mid::new(7).unwrap();
        let with_fields = |fields: &[u8]| decode::<Card>(&[&mid.get().to_be_bytes()[..], fields].concat());
        // The fields of a program that knows the name only, then one that this program does not know.
        assert_eq!(with_fields(&[1, 1, b'x']), Some(Card { uname: "x".into(), ..Card::new(mid) }));
        assert_eq!(with_fields(&[0b10_0000, 0]), None);
    }

    #[test]
    fn plaintext_is_not_encoded() {
        assert!(Sensitive::Plaintext("15312345056".into()).write(&mut Vec::new()).is_err());
        assert_eq!(decode::<Sensitive>(&[0]), None);
    }

    proptest! {
        #[test]
        fn numbers_round_trip(signed: i64, unsigned: u64, texts: Vec<String>) {
            assert_round_trip(&signed);
            assert_round_trip(&unsigned);
            prop_assert_eq!(decode::<Vec<String>>(&encode(&texts)), Some(texts));
        }

        #[test]
        fn arbitrary_bytes_decode_without_panic(bytes: Vec<u8>) {
            let _ = (decode::<Profile>(&bytes), decode::<Session>(&bytes), decode::<Realname>(&bytes));
        }
    }
}
