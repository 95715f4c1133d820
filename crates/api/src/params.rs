//! The parameters of one request, as they came: names and values in bytes, in order.

use crate::param::{BadParam, Malformed, Param};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use std::borrow::Cow;
use std::fmt::Write;

/// Names and values. A name given twice counts once: the first wins (D5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    /// In their order.
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
    /// How many of them stood in a body: those behind came in the query, which others write down.
    private: usize,
    /// Whether more came than are read.
    cut: bool,
    /// Whether the values of a name that stands in the body more than once are a list.
    lists: bool,
}

impl Params {
    /// The most pairs that are read of a query, and of a body.
    pub const MOST: usize = 1_000;

    /// Reads `application/x-www-form-urlencoded` text, which a query string is too. Any bytes are some parameters: an
    /// escape that is none stands for itself, and bytes that are no UTF-8 fault only the parameter that has them. Pairs past
    /// [`MOST`](Params::MOST) are not read.
    pub fn parse(text: &[u8]) -> Params {
        let mut texts = text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        let pairs: Vec<_> = texts.by_ref().take(Params::MOST).map(pair).collect();
        Params { private: pairs.len(), pairs, cut: texts.next().is_some(), lists: false }
    }

    /// Adds a pair of a body behind the others. Past [`MOST`](Params::MOST) it is not kept.
    pub fn push(&mut self, name: Vec<u8>, value: Vec<u8>) {
        if self.pairs.len() == Params::MOST {
            self.cut = true;
            return;
        }
        self.pairs.push((name, value));
        self.private = self.pairs.len();
    }

    /// Adds those of a query behind one's own, so that one's own win (D7). They are none for what is secret.
    pub fn append(&mut self, query: Params) {
        self.pairs.extend(query.pairs);
        self.cut |= query.cut;
    }

    /// Returns true if more pairs came than [`MOST`](Params::MOST): then the request is malformed, whatever the first of
    /// them say.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The same, where [`read`](Params::read) joins the values of a name that stands in the body more than once with `,`: so
    /// a form's boxes of one name are a list, as [`Joined`](crate::param::Joined) reads it.
    #[must_use]
    pub fn with_lists(self) -> Params {
        Params { lists: true, ..self }
    }

    /// All of them, as they came.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.pairs.iter().map(|(name, value)| (name.as_slice(), value.as_slice()))
    }

    /// The first value of that name, as it came.
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        first_in(&self.pairs, name)
    }

    /// The parameter of that name. An optional one that is empty is as absent (D5).
    pub fn read<T: Param>(&self, name: &'static str) -> Result<T, BadParam> {
        let from = if T::SECRET { &self.pairs[..self.private] } else { &self.pairs };
        let value = self.list(name).map(Cow::Owned).or_else(|| first_in(from, name).map(Cow::Borrowed));
        let read = match value.as_deref() {
            None => T::absent(),
            Some([]) if !T::REQUIRED => T::absent(),
            Some(value) => match std::str::from_utf8(value) {
                // No text needs one, and not every engine can keep it.
                Ok(text) if text.contains('\0') => Err(Malformed("has a NUL character")),
                Ok(text) => T::parse(text),
                Err(_) => Err(Malformed("is not UTF-8")),
            },
        };
        read.map_err(|why| BadParam { name, why })
    }

    /// The values of a name in the body as one, if they are a list.
    fn list(&self, name: &str) -> Option<Vec<u8>> {
        if !self.lists {
            return None;
        }
        let body = self.pairs[..self.private].iter().filter(|(given, _)| given == name.as_bytes());
        let values: Vec<&[u8]> = body.map(|(_, value)| value.as_slice()).collect();
        (values.len() > 1).then(|| values.join(&b','))
    }
}

fn first_in<'p>(pairs: &'p [(Vec<u8>, Vec<u8>)], name: &str) -> Option<&'p [u8]> {
    pairs.iter().find(|(given, _)| given == name.as_bytes()).map(|(_, value)| value.as_slice())
}

fn pair(text: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let at = text.iter().position(|byte| *byte == b'=');
    let (name, value) = at.map_or((text, &[][..]), |at| (&text[..at], &text[at + 1..]));
    (decode(name), decode(value))
}

fn decode(text: &[u8]) -> Vec<u8> {
    if !text.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return text.to_vec();
    }
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}

/// What browsers leave as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// Writes `application/x-www-form-urlencoded` text, for clients.
pub fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        let joint = if text.is_empty() { "" } else { "&" };
        let name = utf8_percent_encode(name, KEPT);
        write!(text, "{joint}{name}={}", utf8_percent_encode(value, KEPT)).expect("a String takes any text");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_as_it_is_sent() {
        // text, name, first value
        let cases: [(&str, &str, Option<&[u8]>); 12] = [
            ("fid=1&act=2", "act", Some(b"2")),
            ("fid=1&fid=2", "fid", Some(b"1")),
            ("a=1&&b=2&", "b", Some(b"2")),
            ("flag", "flag", Some(b"")),
            ("flag=", "flag", Some(b"")),
            ("", "flag", None),
            ("a=b=c", "a", Some(b"b=c")),
            ("t=%2C%2c", "t", Some(b",,")),
            ("t=a+b%20c", "t", Some(b"a b c")),
            ("t=100%&u=%zz", "u", Some(b"%zz")),
            ("t=%ff", "t", Some(b"\xff")),
            ("%66id=3", "fid", Some(b"3")),
        ];
        for (text, name, value) in cases {
            assert_eq!(Params::parse(text.as_bytes()).first(name), value, "{text}");
        }
    }

    #[test]
    fn boxes_of_a_name_are_a_list() {
        let mut params = Params::parse(b"fids=1&tagids=-10&fids=2&csrf=x");
        params.append(Params::parse(b"fids=3&password=y"));
        assert_eq!(params.read::<String>("fids").unwrap(), "1", "no list where nobody asks for one");
        let lists = params.with_lists();
        assert_eq!(lists.read::<String>("fids").unwrap(), "1,2");
        assert_eq!(lists.read::<String>("tagids").unwrap(), "-10");
        assert_eq!(lists.first("fids"), Some(&b"1"[..]));
        // What came in the query is none for a secret, as before.
        assert!(lists.read::<crate::param::Secret>("password").is_err());
        assert!(lists.read::<crate::param::Secret>("csrf").is_ok());
    }

    #[test]
    fn pairs_past_the_most_are_not_read() {
        let names = |count: usize| (0..count).map(|name| name.to_string()).collect::<Vec<_>>().join("&");
        // Pairs -> pairs kept, and whether some are missing.
        for (count, kept, cut) in
            [(0, 0, false), (1_000, 1_000, false), (1_001, 1_000, true), (21_845, 1_000, true)]
        {
            let params = Params::parse(names(count).as_bytes());
            assert_eq!((params.iter().count(), params.is_cut()), (kept, cut), "{count} of a text");
            let mut pushed = Params::default();
            (0..count).for_each(|name| pushed.push(name.to_string().into_bytes(), Vec::new()));
            assert_eq!((pushed.iter().count(), pushed.is_cut()), (kept, cut), "{count} one by one");
        }
        let mut params = Params::parse(b"a=1");
        params.append(Params::parse(names(1_001).as_bytes()));
        assert!(params.is_cut(), "a query counts by itself");
    }

    #[test]
    fn an_optional_parameter_that_is_empty_is_absent() {
        use crate::paging::{Pn, Ps};
        use crate::param::{Flag, Secret};
        use guanxi_types::Order;
        let params = Params::parse(b"ps=&pn=&order=&photo=&buvid=&password=&mid=&ps=2");
        assert_eq!(params.read::<Ps>("ps"), Ok(Ps::MOST), "the first of two wins");
        assert_eq!(params.read::<Pn>("pn"), Ok(Pn::FIRST));
        assert_eq!(params.read::<Order>("order"), Ok(Order::Desc));
        assert_eq!(params.read::<Flag>("photo"), Ok(Flag(false)));
        assert_eq!(params.read::<Option<String>>("buvid"), Ok(None));
        assert_eq!(params.read::<Option<Secret>>("password"), Ok(None));
        assert!(params.read::<guanxi_types::Mid>("mid").is_err());
        assert_eq!(params.read::<String>("mid").unwrap(), "", "what must be there is there");
    }

    #[test]
    fn a_secret_is_read_from_a_body_alone() {
        use crate::param::Secret;
        let mut params = Params::parse(b"name=1");
        params.append(Params::parse(b"password=2&name=3&order=asc"));
        assert_eq!(params.first("password"), Some(&b"2"[..]));
        assert_eq!(params.read::<Secret>("password").unwrap_err().to_string(), "password is missing");
        assert_eq!(params.read::<Option<Secret>>("password"), Ok(None));
        assert_eq!(params.read::<Secret>("name").unwrap().0, "1");
        assert_eq!(params.read::<String>("order").unwrap(), "asc");
    }

    #[test]
    fn a_fault_names_its_parameter() {
        let params = Params::parse(b"tag=%ff&mid=x");
        assert_eq!(params.read::<String>("tag").unwrap_err().to_string(), "tag is not UTF-8");
        assert_eq!(params.read::<guanxi_types::Mid>("vmid").unwrap_err().to_string(), "vmid is missing");
        assert_eq!(
            params.read::<guanxi_types::Mid>("mid").unwrap_err().to_string(),
            "mid is not a number from 1 to 9007199254740991"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_some_parameters(text: Vec<u8>, name: String) {
            Params::parse(&text).first(&name);
        }

        #[test]
        fn what_is_written_is_read(name in ".+", value: String) {
            let params = Params::parse(encode([(name.as_str(), value.as_str())]).as_bytes());
            prop_assert_eq!(params.first(&name), Some(value.as_bytes()));
        }
    }
}
