//! Properties of [`RawQueryStream`] for fuzzing.

use super::RawQueryStream;

/// Reads arbitrary bytes as those of a connection, at once and in parts. The first byte is the length of the parts.
///
/// Bytes are unchanged except for raw characters, which are escaped. The HTTP library's own parser sees each escape
/// in the query of a request line, never in a header or body. Therefore rewriting does not enable request
/// smuggling.
///
/// # Panics
///
/// Panics if a property does not hold.
pub fn raw_query(data: &[u8]) {
    let Some((part_length, sent)) = data.split_first() else { return };
    for part_length in [usize::from(*part_length).max(1), usize::MAX] {
        let mut stream = RawQueryStream::new(());
        let read =
            sent.chunks(part_length).flat_map(|part| stream.rewrite(part).unwrap_or_else(|| part.to_vec()));
        let read: Vec<u8> = read.collect();
        check_offsets_in_queries(&read, &escape_offsets(sent, &read));
    }
}

/// Returns the offsets in `read` of the escapes that were not sent.
fn escape_offsets(sent: &[u8], read: &[u8]) -> Vec<usize> {
    let (mut offset, mut offsets) = (0, Vec::new());
    for byte in sent {
        let escape: &[u8] = match byte {
            b'"' => b"%22",
            b'<' => b"%3C",
            b'>' => b"%3E",
            _ => b"",
        };
        if !escape.is_empty() && read[offset..].starts_with(escape) {
            offsets.push(offset);
            offset += escape.len();
        } else {
            assert_eq!(read.get(offset), Some(byte), "at {offset}");
            offset += 1;
        }
    }
    assert_eq!(offset, read.len());
    offsets
}

/// Asserts that the offsets are in queries of request lines, up to the point where the HTTP library stops reading.
fn check_offsets_in_queries(read: &[u8], offsets: &[usize]) {
    let mut from = 0;
    loop {
        let lines = read[from..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = from + lines;
        let end = read[start..].iter().position(|byte| *byte == b'\n').map_or(read.len(), |end| start + end);
        let query = read[start..end].iter().position(|byte| *byte == b'?').map_or(end, |query| start + query);
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut request = httparse::Request::new(&mut headers);
        // A parse error ends the connection.
        let Ok(parsed) = request.parse(&read[from..]) else { return };
        let request_end = match parsed {
            httparse::Status::Partial => read.len(),
            httparse::Status::Complete(head) => match content_length(request.headers) {
                Some(length) => from.saturating_add(head).saturating_add(length).min(read.len()),
                None => read.len(),
            },
        };
        for offset in offsets.iter().filter(|offset| (from..request_end).contains(*offset)) {
            assert!((query..end).contains(offset), "{offset} is not in the query from {query} to {end}");
        }
        if request_end == read.len() {
            return;
        }
        from = request_end;
    }
}

/// Returns the length of the body according to the headers. Returns `None` for a chunked body or invalid lengths.
fn content_length(headers: &[httparse::Header<'_>]) -> Option<usize> {
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
