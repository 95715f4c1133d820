//! Properties of requests whose queries are rewritten before the HTTP library reads them.

use super::RawQuery;

/// Any bytes as those of a connection, at once and in parts as long as the first byte says.
///
/// Bytes are passed on as they are, but for raw characters that become their escapes. Wherever one does, the HTTP library's
/// own parser sees the query of a request line there, and no header and no body: nothing can be smuggled past it.
///
/// # Panics
///
/// If a property does not hold.
pub fn raw_query(data: &[u8]) {
    let Some((parts, sent)) = data.split_first() else { return };
    for parts in [usize::from(*parts).max(1), usize::MAX] {
        let mut stream = RawQuery::new(());
        let read = sent.chunks(parts).flat_map(|part| stream.follow(part).unwrap_or_else(|| part.to_vec()));
        let read: Vec<u8> = read.collect();
        in_request_lines(&read, &escaped(sent, &read));
    }
}

/// Where in what is read an escape stands that was not sent.
fn escaped(sent: &[u8], read: &[u8]) -> Vec<usize> {
    let (mut at, mut places) = (0, Vec::new());
    for byte in sent {
        let escape: &[u8] = match byte {
            b'"' => b"%22",
            b'<' => b"%3C",
            b'>' => b"%3E",
            _ => b"",
        };
        if !escape.is_empty() && read[at..].starts_with(escape) {
            places.push(at);
            at += escape.len();
        } else {
            assert_eq!(read.get(at), Some(byte), "at {at}");
            at += 1;
        }
    }
    assert_eq!(at, read.len());
    places
}

/// Asserts that these places are in the queries of request lines, as long as the HTTP library reads on.
fn in_request_lines(read: &[u8], places: &[usize]) {
    let mut from = 0;
    loop {
        let lines = read[from..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = from + lines;
        let end = read[start..].iter().position(|byte| *byte == b'\n').map_or(read.len(), |end| start + end);
        let query = read[start..end].iter().position(|byte| *byte == b'?').map_or(end, |query| start + query);
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut request = httparse::Request::new(&mut headers);
        // What cannot be read ends the connection.
        let Ok(parsed) = request.parse(&read[from..]) else { return };
        let behind = match parsed {
            httparse::Status::Partial => read.len(),
            httparse::Status::Complete(head) => match body(request.headers) {
                Some(length) => from.saturating_add(head).saturating_add(length).min(read.len()),
                None => read.len(),
            },
        };
        for place in places.iter().filter(|place| (from..behind).contains(*place)) {
            assert!((query..end).contains(place), "{place} is not in the query of {query} to {end}");
        }
        if behind == read.len() {
            return;
        }
        from = behind;
    }
}

/// The length of the body that headers tell of; none if only its own bytes do, or it is refused.
fn body(headers: &[httparse::Header<'_>]) -> Option<usize> {
    let named =
        |name: &'static str| headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
    if named("transfer-encoding").next().is_some() {
        return None;
    }
    let mut lengths =
        named("content-length").map(|header| std::str::from_utf8(header.value).ok()?.parse().ok());
    let first = lengths.next().unwrap_or(Some(0))?;
    lengths.all(|length| length == Some(first)).then_some(first)
}
