//! The undecoded parameters of one request: names and values in bytes, in order.

use crate::param::{BadParam, Param};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use std::fmt::Write;

/// The parameters of one request. The first of several parameters with the same name counts (D5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    /// The names and values, in order.
    pairs: Vec<(Vec<u8>, Bytes)>,
    /// The number of leading pairs from the body. The later ones are from the query, which access logs contain.
    body_pairs: usize,
    /// True if the request had more pairs than were read.
    truncated: bool,
    /// True if several values of a name in the body form a list.
    joins_lists: bool,
}

impl Params {
    /// The largest number of pairs read from a query, and from a body.
    pub const MAX_PAIRS: usize = 1_000;

    /// Parses `application/x-www-form-urlencoded` text, such as a query string. Every input is accepted. An invalid
    /// escape stands for itself, and invalid UTF-8 only invalidates its own parameter. Pairs past
    /// [`MAX_PAIRS`](Params::MAX_PAIRS) are not read.
    pub fn parse(text: &[u8]) -> Params {
        let mut texts = text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        let pairs: Vec<_> = texts.by_ref().take(Params::MAX_PAIRS).map(parse_pair).collect();
        Params { body_pairs: pairs.len(), pairs, truncated: texts.next().is_some(), joins_lists: false }
    }

    /// Appends a pair of the body. A pair past [`MAX_PAIRS`](Params::MAX_PAIRS) is dropped.
    pub fn push(&mut self, name: Vec<u8>, value: impl Into<Bytes>) {
        if self.pairs.len() == Params::MAX_PAIRS {
            self.truncated = true;
            return;
        }
        self.pairs.push((name, value.into()));
        self.body_pairs = self.pairs.len();
    }

    /// Appends the pairs of a query, so that those of the body take precedence (D7). Parameters that are
    /// [`BODY_ONLY`](Param::BODY_ONLY) ignore them.
    pub fn append(&mut self, query: Params) {
        self.pairs.extend(query.pairs);
        self.truncated |= query.truncated;
    }

    /// Returns true if there were more pairs than [`MAX_PAIRS`](Params::MAX_PAIRS). The request is then malformed,
    /// even if the pairs that were read are valid.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// Returns the same parameters, but [`get`](Params::get) joins the values of a repeated name of the body with
    /// `,`. Checkboxes of an HTML form then parse as [`CommaSeparated`](crate::param::CommaSeparated).
    #[must_use]
    pub fn with_lists(self) -> Params {
        Params { joins_lists: true, ..self }
    }

    /// Returns all names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.pairs.iter().map(|(name, value)| (name.as_slice(), &value[..]))
    }

    /// Returns the first value of a name.
    pub fn get_raw(&self, name: &str) -> Option<&[u8]> {
        find_first(&self.pairs, name).map(|value| &value[..])
    }

    /// Parses the parameter of a name. An empty optional parameter counts as absent (D5).
    pub fn get<T: Param>(&self, name: &'static str) -> Result<T, BadParam> {
        let pairs = if T::BODY_ONLY { &self.pairs[..self.body_pairs] } else { &self.pairs };
        let value = self.joined_values(name).or_else(|| find_first(pairs, name).cloned());
        let parsed = match value {
            None => T::default_if_absent(),
            Some(value) if value.is_empty() && !T::REQUIRED => T::default_if_absent(),
            Some(value) => T::parse_bytes(&value),
        };
        parsed.map_err(|reason| BadParam { name, reason })
    }

    /// Returns the values of a name in the body, joined with `,`, if they form a list.
    fn joined_values(&self, name: &str) -> Option<Bytes> {
        if !self.joins_lists {
            return None;
        }
        let body = self.pairs[..self.body_pairs].iter().filter(|(key, _)| key == name.as_bytes());
        let values: Vec<&[u8]> = body.map(|(_, value)| &value[..]).collect();
        (values.len() > 1).then(|| values.join(&b',').into())
    }
}

fn find_first<'p>(pairs: &'p [(Vec<u8>, Bytes)], name: &str) -> Option<&'p Bytes> {
    pairs.iter().find(|(key, _)| key == name.as_bytes()).map(|(_, value)| value)
}

fn parse_pair(text: &[u8]) -> (Vec<u8>, Bytes) {
    let separator = text.iter().position(|byte| *byte == b'=');
    let (name, value) = separator.map_or((text, &[][..]), |index| (&text[..index], &text[index + 1..]));
    (percent_decode_form(name), percent_decode_form(value).into())
}

fn percent_decode_form(text: &[u8]) -> Vec<u8> {
    if !text.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return text.to_vec();
    }
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}

/// The bytes that browsers do not escape in a form.
const UNESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// Encodes `application/x-www-form-urlencoded` text, for clients.
pub fn encode_form<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        let separator = if text.is_empty() { "" } else { "&" };
        let name = utf8_percent_encode(name, UNESCAPED);
        write!(text, "{separator}{name}={}", utf8_percent_encode(value, UNESCAPED))
            .expect("writing to a String cannot fail");
    }
    text
}

/// A `multipart/form-data` body, for clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multipart {
    /// The content type, with the boundary.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Multipart {
    /// Encodes pairs, and a file behind them.
    pub fn new<'a>(
        pairs: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
        name: &str,
        file: &[u8],
    ) -> Multipart {
        let fields: Vec<(&[u8], &[u8])> = pairs.into_iter().collect();
        let mut boundary = "guanxi-form".to_owned();
        let contains =
            |boundary: &str, text: &[u8]| text.windows(boundary.len()).any(|it| it == boundary.as_bytes());
        while fields.iter().map(|(_, value)| *value).chain([file]).any(|text| contains(&boundary, text)) {
            boundary.push('-');
        }
        let mut body = Vec::new();
        let mut part = |name: &[u8], attributes: &str, value: &[u8]| {
            body.extend_from_slice(
                format!("--{boundary}\r\ncontent-disposition: form-data; name=\"").as_bytes(),
            );
            body.extend_from_slice(name);
            body.extend_from_slice(format!("\"{attributes}\r\n\r\n").as_bytes());
            body.extend_from_slice(value);
            body.extend_from_slice(b"\r\n");
        };
        for (name, value) in fields {
            part(name, "", value);
        }
        let attributes = "; filename=\"file\"\r\ncontent-type: application/octet-stream";
        part(name.as_bytes(), attributes, file);
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        Multipart { content_type: format!("multipart/form-data; boundary={boundary}"), body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn query_is_parsed_and_decoded() {
        // Text, name, first value.
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
            assert_eq!(Params::parse(text.as_bytes()).get_raw(name), value, "{text}");
        }
    }

    #[test]
    fn boundary_of_a_multipart_body_is_not_in_its_values() {
        let pairs: [(&[u8], &[u8]); 1] = [(b"csrf", b"guanxi-form")];
        let Multipart { content_type, body } = Multipart::new(pairs, "file", b"\r\n--guanxi-form-\r\n");
        assert_eq!(content_type, "multipart/form-data; boundary=guanxi-form--");
        let text = String::from_utf8(body).unwrap();
        assert!(text.starts_with(
            "--guanxi-form--\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\nguanxi-form\r\n"
        ));
        assert!(text.ends_with("\r\n\r\n\r\n--guanxi-form-\r\n\r\n--guanxi-form----\r\n"), "{text:?}");
    }

    #[test]
    fn repeated_body_values_form_a_list() {
        let mut params = Params::parse(b"fids=1&tagids=-10&fids=2&csrf=x");
        params.append(Params::parse(b"fids=3&password=y"));
        assert_eq!(params.get::<String>("fids").unwrap(), "1", "the first value without `with_lists`");
        let lists = params.with_lists();
        assert_eq!(lists.get::<String>("fids").unwrap(), "1,2");
        assert_eq!(lists.get::<String>("tagids").unwrap(), "-10");
        assert_eq!(lists.get_raw("fids"), Some(&b"1"[..]));
        // A secret still ignores the query.
        assert!(lists.get::<guanxi_types::Secret>("password").is_err());
        assert!(lists.get::<guanxi_types::Secret>("csrf").is_ok());
    }

    #[test]
    fn pairs_past_the_limit_are_dropped() {
        let names = |count: usize| (0..count).map(|name| name.to_string()).collect::<Vec<_>>().join("&");
        // Pairs sent -> pairs read, and whether the rest is dropped.
        for (count, expected, truncated) in
            [(0, 0, false), (1_000, 1_000, false), (1_001, 1_000, true), (21_845, 1_000, true)]
        {
            let params = Params::parse(names(count).as_bytes());
            assert_eq!(
                (params.iter().count(), params.is_truncated()),
                (expected, truncated),
                "{count} parsed"
            );
            let mut pushed = Params::default();
            (0..count).for_each(|name| pushed.push(name.to_string().into_bytes(), Vec::new()));
            assert_eq!(
                (pushed.iter().count(), pushed.is_truncated()),
                (expected, truncated),
                "{count} pushed"
            );
        }
        let mut params = Params::parse(b"a=1");
        params.append(Params::parse(names(1_001).as_bytes()));
        assert!(params.is_truncated(), "the query has its own limit");
    }

    #[test]
    fn empty_optional_parameter_counts_as_absent() {
        use crate::param::Flag;
        use guanxi_types::{Order, PageNumber, PageSize, Secret};
        let params = Params::parse(b"ps=&pn=&order=&photo=&buvid=&password=&mid=&ps=2");
        assert_eq!(params.get::<PageSize>("ps"), Ok(PageSize::MAX), "the first of two wins");
        assert_eq!(params.get::<PageNumber>("pn"), Ok(PageNumber::FIRST));
        assert_eq!(params.get::<Order>("order"), Ok(Order::Desc));
        assert_eq!(params.get::<Flag>("photo"), Ok(Flag(false)));
        assert_eq!(params.get::<Option<String>>("buvid"), Ok(None));
        assert_eq!(params.get::<Option<Secret>>("password"), Ok(None));
        assert!(params.get::<guanxi_types::Mid>("mid").is_err());
        assert_eq!(params.get::<String>("mid").unwrap(), "", "a required parameter may be empty");
    }

    #[test]
    fn secret_is_read_from_the_body_only() {
        use guanxi_types::Secret;
        let mut params = Params::parse(b"name=1");
        params.append(Params::parse(b"password=2&name=3&order=asc"));
        assert_eq!(params.get_raw("password"), Some(&b"2"[..]));
        assert_eq!(params.get::<Secret>("password").unwrap_err().to_string(), "password is missing");
        assert_eq!(params.get::<Option<Secret>>("password"), Ok(None));
        assert_eq!(params.get::<Secret>("name").unwrap().0, "1");
        assert_eq!(params.get::<String>("order").unwrap(), "asc");
    }

    #[test]
    fn error_names_the_parameter() {
        let params = Params::parse(b"tag=%ff&mid=x");
        assert_eq!(params.get::<String>("tag").unwrap_err().to_string(), "tag is not UTF-8");
        assert_eq!(params.get::<guanxi_types::Mid>("vmid").unwrap_err().to_string(), "vmid is missing");
        assert_eq!(
            params.get::<guanxi_types::Mid>("mid").unwrap_err().to_string(),
            "mid is not a number from 1 to 9007199254740991"
        );
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_parse(text: Vec<u8>, name: String) {
            Params::parse(&text).get_raw(&name);
        }

        #[test]
        fn encoded_form_parses_back(name in ".+", value: String) {
            let params = Params::parse(encode_form([(name.as_str(), value.as_str())]).as_bytes());
            prop_assert_eq!(params.get_raw(&name), Some(value.as_bytes()));
        }
    }
}
