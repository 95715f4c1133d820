//! Keys as bytes, such that bytes sort as the keys do, and as the values of columns.

use crate::row::column::{Columns, Value};
use guanxi_types::{Mid, Tagid};
use jiff::civil::Date;

/// A key that can be written as bytes in its own order.
pub trait Key: Copy + Send + Sync + 'static {
    /// Writes it behind what is there.
    fn write(self, out: &mut Vec<u8>);

    /// Writes what its columns have behind what is there.
    fn write_values(self, out: &mut Vec<Value>);

    /// What its columns have.
    fn values(self) -> Vec<Value> {
        let mut out = Vec::with_capacity(2);
        self.write_values(&mut out);
        out
    }

    /// Its bytes.
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

    fn write_values(self, out: &mut Vec<Value>) {
        Columns::write(&self, out);
    }
}

impl Key for u64 {
    fn write(self, out: &mut Vec<u8>) {
        out.extend(self.to_be_bytes());
    }

    fn write_values(self, out: &mut Vec<Value>) {
        Columns::write(&self, out);
    }
}

impl Key for u32 {
    fn write(self, out: &mut Vec<u8>) {
        out.extend(self.to_be_bytes());
    }

    fn write_values(self, out: &mut Vec<Value>) {
        Columns::write(&self, out);
    }
}

impl Key for Mid {
    fn write(self, out: &mut Vec<u8>) {
        out.extend(self.get().to_be_bytes());
    }

    fn write_values(self, out: &mut Vec<Value>) {
        Columns::write(&self, out);
    }
}

impl Key for Tagid {
    fn write(self, out: &mut Vec<u8>) {
        // With the sign turned, -10 comes first, then 0, then one's own (D20).
        out.extend((self.0 ^ i64::MIN).to_be_bytes());
    }

    fn write_values(self, out: &mut Vec<Value>) {
        Columns::write(&self, out);
    }
}

impl Key for Date {
    fn write(self, out: &mut Vec<u8>) {
        let (year, month, day) = (i32::from(self.year()), i32::from(self.month()), i32::from(self.day()));
        out.extend((year * 10_000 + month * 100 + day).to_be_bytes());
    }

    fn write_values(self, out: &mut Vec<Value>) {
        Columns::write(&self, out);
    }
}

impl Key for [u8; 32] {
    fn write(self, out: &mut Vec<u8>) {
        out.extend(self);
    }

    fn write_values(self, out: &mut Vec<Value>) {
        Columns::write(&self, out);
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    fn write(self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn write_values(self, out: &mut Vec<Value>) {
        self.0.write_values(out);
        self.1.write_values(out);
    }
}

impl<A: Key, B: Key, C: Key> Key for (A, B, C) {
    fn write(self, out: &mut Vec<u8>) {
        (self.0, self.1).write(out);
        self.2.write(out);
    }

    fn write_values(self, out: &mut Vec<Value>) {
        (self.0, self.1).write_values(out);
        self.2.write_values(out);
    }
}

impl<A: Key, B: Key, C: Key, D: Key> Key for (A, B, C, D) {
    fn write(self, out: &mut Vec<u8>) {
        (self.0, self.1, self.2).write(out);
        self.3.write(out);
    }

    fn write_values(self, out: &mut Vec<Value>) {
        (self.0, self.1, self.2).write_values(out);
        self.3.write_values(out);
    }
}

/// Reads keys back, part by part.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a>(pub &'a [u8]);

impl Parts<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(*head)
    }

    /// The next part, a member.
    pub fn mid(&mut self) -> Option<Mid> {
        self.take().map(u64::from_be_bytes).and_then(Mid::new)
    }

    /// The next part, a group.
    pub fn tagid(&mut self) -> Option<Tagid> {
        self.take().map(i64::from_be_bytes).map(|turned| Tagid(turned ^ i64::MIN))
    }

    /// The next part, a number.
    pub fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    /// The next part, a long number.
    pub fn long(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    /// The next part, a hash.
    pub fn hash(&mut self) -> Option<[u8; 32]> {
        self.take()
    }

    /// The next part, a byte.
    pub fn byte(&mut self) -> Option<u8> {
        self.take().map(|[byte]| byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_sort_as_keys_do() {
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
    fn parts_come_back() {
        let mid = Mid::new(293_793_435).unwrap();
        let bytes = (mid, Tagid::SPECIAL, 7u32).bytes();
        let mut parts = Parts(&bytes);
        assert_eq!((parts.mid(), parts.tagid(), parts.number()), (Some(mid), Some(Tagid::SPECIAL), Some(7)));
        assert_eq!(parts.mid(), None);
    }
}
