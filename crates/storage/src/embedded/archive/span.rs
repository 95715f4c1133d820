//! A span: consecutive WAL records as the content of one object.
//!
//! The content is the LSN of the first record, and for each record the length of its payload and the payload.

use super::super::wal::Record;

/// Encodes consecutive records. There must be at least one.
pub(super) fn encode(records: &[Record]) -> Vec<u8> {
    let length: usize = records.iter().map(|record| 4 + record.payload.len()).sum();
    let mut content = Vec::with_capacity(8 + length);
    content.extend(records.first().map_or(0, |record| record.lsn).to_be_bytes());
    for Record { payload, .. } in records {
        // A record of the WAL has its length in four bytes too.
        content.extend(u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes());
        content.extend_from_slice(payload);
    }
    content
}

/// Decodes records. Returns `None` if the content is malformed, or has no record.
pub(super) fn decode(content: &[u8]) -> Option<Vec<Record>> {
    let (first, mut rest) = content.split_first_chunk::<8>()?;
    let mut records = Vec::new();
    for lsn in u64::from_be_bytes(*first).. {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (payload, after) = after.split_at_checked(length)?;
        records.push(Record { lsn, payload: payload.to_vec() });
        if after.is_empty() {
            return Some(records);
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_records_decode_to_equal_ones() {
        let payloads: [&[u8]; 3] = [b"one", b"", b"three"];
        let records: Vec<Record> =
            (7..).zip(payloads).map(|(lsn, payload)| Record { lsn, payload: payload.to_vec() }).collect();
        let content = encode(&records);
        assert_eq!(decode(&content).as_ref(), Some(&records));
        for at in 0..content.len() {
            let whole_records = [15, 19].contains(&at);
            assert_eq!(decode(&content[..at]).is_some(), whole_records, "{at}");
        }
    }
}
