//! Keys of entities: encoded as bytes in the order of the keys, and as values of SQL columns.

use crate::model::sql_row::{SqlRow, SqlValue};
use guanxi_types::{Mid, Tagid};
use jiff::civil::Date;

/// A key whose encoding sorts as the key does.
pub trait Key: Copy + Send + Sync + 'static {
    /// Appends the encoded key.
    fn write(self, out: &mut Vec<u8>);

    /// Appends the values of the key's columns.
    fn write_values(self, out: &mut Vec<SqlValue>);

    /// Returns the values of the key's columns.
    fn values(self) -> Vec<SqlValue> {
        let mut out = Vec::with_capacity(2);
        self.write_values(&mut out);
        out
    }

    /// Returns the encoded key.
    fn bytes(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32);
        self.write(&mut out);
        out
    }
}

impl Key for u8 {
    fn write(self, out: &mut Vec<u8>) {
        out.push(self);
    }

    fn write_values(self, out: &mut Vec<SqlValue>) {
        SqlRow::push_values(&self, out);
    }
}

impl Key for u64 {
    fn write(self, out: &mut Vec<u8>) {
        out.extend(self.to_be_bytes());
    }

    fn write_values(self, out: &mut Vec<SqlValue>) {
        SqlRow::push_values(&self, out);
    }
}

impl Key for u32 {
    fn write(self, out: &mut Vec<u8>) {
        out.extend(self.to_be_bytes());
    }

    fn write_values(self, out: &mut Vec<SqlValue>) {
        SqlRow::push_values(&self, out);
    }
}

impl Key for Mid {
    fn write(self, out: &mut Vec<u8>) {
        out.extend(self.get().to_be_bytes());
    }

    fn write_values(self, out: &mut Vec<SqlValue>) {
        SqlRow::push_values(&self, out);
    }
}

impl Key for Tagid {
    fn write(self, out: &mut Vec<u8>) {
        // With the sign bit inverted, -10 sorts first, then 0, then the groups of members (D20).
        out.extend((self.0 ^ i64::MIN).to_be_bytes());
    }

    fn write_values(self, out: &mut Vec<SqlValue>) {
        SqlRow::push_values(&self, out);
    }
}

impl Key for Date {
    fn write(self, out: &mut Vec<u8>) {
        let (year, month, day) = (i32::from(self.year()), i32::from(self.month()), i32::from(self.day()));
        out.extend((year * 10_000 + month * 100 + day).to_be_bytes());
    }

    fn write_values(self, out: &mut Vec<SqlValue>) {
        SqlRow::push_values(&self, out);
    }
}

impl Key for [u8; 32] {
    fn write(self, out: &mut Vec<u8>) {
        out.extend(self);
    }

    fn write_values(self, out: &mut Vec<SqlValue>) {
        SqlRow::push_values(&self, out);
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    fn write(self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn write_values(self, out: &mut Vec<SqlValue>) {
        self.0.write_values(out);
        self.1.write_values(out);
    }
}

impl<A: Key, B: Key, C: Key> Key for (A, B, C) {
    fn write(self, out: &mut Vec<u8>) {
        (self.0, self.1).write(out);
        self.2.write(out);
    }

    fn write_values(self, out: &mut Vec<SqlValue>) {
        (self.0, self.1).write_values(out);
        self.2.write_values(out);
    }
}

impl<A: Key, B: Key, C: Key, D: Key> Key for (A, B, C, D) {
    fn write(self, out: &mut Vec<u8>) {
        (self.0, self.1, self.2).write(out);
        self.3.write(out);
    }

    fn write_values(self, out: &mut Vec<SqlValue>) {
        (self.0, self.1, self.2).write_values(out);
        self.3.write_values(out);
    }
}

/// A decoder of encoded keys, part by part. Methods return `None` if the key is too short, or the part is invalid.
#[derive(Clone, Copy, Debug)]
pub struct KeyReader<'a>(pub &'a [u8]);

impl KeyReader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(*head)
    }

    /// Reads a mid.
    pub fn mid(&mut self) -> Option<Mid> {
        self.take().map(u64::from_be_bytes).and_then(Mid::new)
    }

    /// Reads a tagid.
    pub fn tagid(&mut self) -> Option<Tagid> {
        self.take().map(i64::from_be_bytes).map(|inverted| Tagid(inverted ^ i64::MIN))
    }

    /// Reads a 32-bit number.
    pub fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    /// Reads a 64-bit number.
    pub fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    /// Reads a hash.
    pub fn hash(&mut self) -> Option<[u8; 32]> {
        self.take()
    }

    /// Reads a byte.
    pub fn byte(&mut self) -> Option<u8> {
        self.take().map(|[byte]| byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_keys_sort_as_keys() {
        let tagids: Vec<Vec<u8>> = [-10, 0, 1, 194_111, 1 << 52].map(|tagid| Tagid(tagid).bytes()).into();
        assert!(tagids.is_sorted());
        let days: Vec<Vec<u8>> = ["2019-12-31", "2020-01-01", "2020-01-02", "2020-02-01"]
            .map(|day| day.parse::<Date>().unwrap().bytes())
            .into();
        assert!(days.is_sorted());
        let mids: Vec<Vec<u8>> = [1, 255, 256, 1 << 52].map(|mid| Mid::new(mid).unwrap().bytes()).into();
        assert!(mids.is_sorted());
    }

    #[test]
    fn reader_decodes_the_parts_of_a_key() {
        let mid = Mid::new(293_793_435).unwrap();
        let bytes = (mid, Tagid::SPECIAL, 7u32).bytes();
        let mut parts = KeyReader(&bytes);
        assert_eq!((parts.mid(), parts.tagid(), parts.u32()), (Some(mid), Some(Tagid::SPECIAL), Some(7)));
        assert_eq!(parts.mid(), None);
    }
}
