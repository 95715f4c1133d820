use super::*;
use proptest::prelude::*;
use std::cell::Cell;

fn mid(number: u64) -> Mid {
    Mid::new(number).unwrap()
}

fn named(number: u64, uname: &str) -> Card {
    Card { uname: uname.to_owned(), ..Card::of(mid(number)) }
}

/// The names that the faces of some members show, and how many of the cards had to be looked up.
fn names(known: Known<'_>, mids: &[u64], uname: &str) -> (Vec<String>, usize) {
    let asked = Cell::new(0);
    let mids: Vec<Mid> = mids.iter().copied().map(mid).collect();
    let card = |mid: Mid| {
        asked.set(asked.get() + 1);
        Ok(named(mid.get(), uname))
    };
    let faces = known.faces(&mids, card).unwrap();
    (faces.iter().map(|face| read(face).uname).collect(), asked.get())
}

/// The address of the service's picture.
const PICTURE: &str = "http://a.cn/noface.gif";

fn read(face: FaceJson<'_>) -> Face {
    let mut json = b"{".to_vec();
    face.write(&mut json, PICTURE);
    json.push(b'}');
    serde_json::from_slice(&json).unwrap()
}

#[test]
fn a_face_without_a_picture_has_the_services() {
    let hostile = r#"","face":"","sign":"#;
    for uname in ["", "甲", hostile, "\u{0}\\\"face\":\"\"", &hostile.repeat(9_000)] {
        for face in ["", "http://b.cn/1.jpg"] {
            let card = Card { face: face.to_owned(), sign: hostile.to_owned(), ..named(1, uname) };
            let cards = Cards::new(1 << 20);
            // Written, and then kept: but for one that no block has room for.
            for _ in 0..2 {
                let faces = cards.known().faces(&[mid(1)], |_| Ok(card.clone())).unwrap();
                let shown = faces.iter().next().unwrap();
                assert_eq!(shown.has_picture(), !face.is_empty());
                let picture = if face.is_empty() { PICTURE } else { face };
                assert_eq!(read(shown), Face { face: picture.to_owned(), ..Face::from(card.clone()) });
            }
        }
    }
}

#[test]
fn a_face_is_written_once() {
    let cards = Cards::new(1 << 20);
    assert_eq!(names(cards.known(), &[1, 2], "a"), (vec!["a".to_owned(), "a".to_owned()], 2));
    let (told, asked) = names(cards.known(), &[3, 1, 4, 2], "b");
    assert_eq!((told, asked), (["b", "a", "b", "a"].map(str::to_owned).to_vec(), 2));
}

#[test]
fn with_no_memory_none_is_kept() {
    let cards = Cards::new(0);
    for _ in 0..2 {
        assert_eq!(names(cards.known(), &[1], "a").1, 1);
    }
}

#[test]
fn a_changed_card_is_shown_at_once() {
    let cards = Cards::new(1 << 20);
    names(cards.known(), &[1, 2], "old");
    cards.forget(&[mid(1)]);
    assert_eq!(names(cards.known(), &[1, 2], "new"), (vec!["new".to_owned(), "old".to_owned()], 1));
}

#[test]
fn an_older_snapshot_brings_no_old_card_back() {
    let cards = Cards::new(1 << 20);
    let before = cards.known();
    cards.forget(&[mid(1)]);
    // Its snapshot is older than the change: it may show the old card, and must not keep it.
    assert_eq!(names(before, &[1], "old").0, ["old"]);
    assert_eq!(names(cards.known(), &[1], "new").0, ["new"]);
}

#[test]
fn a_card_that_changes_while_it_is_written_is_not_kept() {
    let cards = Cards::new(1 << 20);
    let changes = |_| {
        cards.forget(&[mid(1)]);
        Ok(named(1, "old"))
    };
    cards.known().faces(&[mid(1)], changes).unwrap();
    assert_eq!(names(cards.known(), &[1], "new").0, ["new"]);
}

#[test]
fn a_fault_keeps_nothing() {
    let cards = Cards::new(1 << 20);
    assert!(cards.known().faces(&[mid(1)], |_| Err(StorageError::Closed)).is_err());
    assert_eq!(names(cards.known(), &[1], "a").1, 1);
}

#[test]
fn the_oldest_make_room() {
    let cards = Cards::new(2 * Block::WHOLE);
    let all: Vec<u64> = (1..=1_000).collect();
    assert_eq!(names(cards.known(), &all, "a").1, 1_000);
    let memory = cards.read();
    let (kept, blocks) = (memory.places.len(), memory.blocks.len());
    assert_eq!(blocks, 2);
    assert!(kept < 1_000 && kept > Block::SIZE / 440, "{kept}");
    assert!(!memory.places.contains_key(&mid(1)) && memory.places.contains_key(&mid(1_000)));
    drop(memory);
    // Those that are there are still whose they were.
    let mids: Vec<Mid> = all.iter().copied().map(mid).collect();
    let faces = cards.known().faces(&mids, |mid| Ok(named(mid.get(), "a"))).unwrap();
    assert_eq!(faces, Faces::of(all.iter().map(|number| named(*number, "a"))).unwrap());
}

#[test]
fn a_member_takes_440_bytes_at_most() {
    let text = |length: usize| "x".repeat(length);
    let cards = Cards::new(1 << 20);
    let card = |mid| Ok(Card { uname: text(24), face: text(77), sign: text(45), ..Card::of(mid) });
    let mids: Vec<Mid> = (1..=10_000).map(mid).collect();
    let faces = cards.known().faces(&mids, card).unwrap();
    let face = faces.iter().next().unwrap().before.len();
    assert!((345..=355).contains(&face), "{face}");
    let memory = cards.read();
    // Of a block's bytes, the system gives what is written; the table is eight sevenths of what it has room for.
    let blocks: usize = memory.blocks.iter().map(|block| block.bytes.len() + 8 * block.mids.capacity()).sum();
    let table = memory.places.capacity() * 8 / 7 * (size_of::<(Mid, Place)>() + 1);
    assert!((blocks + table) / memory.places.len() <= 440, "{blocks} {table}");
    assert!(memory.blocks.iter().all(|block| block.bytes.capacity() == Block::SIZE));
    assert!(blocks + table <= 1 << 20, "{blocks} {table}");
}

#[test]
fn a_face_too_large_for_any_block_is_shown_and_not_kept() {
    let cards = Cards::new(1 << 20);
    let long = "x".repeat(Block::SIZE);
    assert_eq!(names(cards.known(), &[1, 2], &long).0, [long.as_str(), long.as_str()]);
    assert_eq!(cards.read().places.len(), 0);
}

proptest! {
    /// Whatever is shown, changed and pushed out in whatever order: a face is as the card was when it was last asked for.
    #[test]
    fn every_face_is_the_members_own(deeds in prop::collection::vec((1u64..40, 0usize..3_000, any::<bool>()), 1..200)) {
        let cards = Cards::new(2 * Block::WHOLE);
        let mut truth: HashMap<Mid, Card> = (1..40).map(|number| (mid(number), Card::of(mid(number)))).collect();
        for (number, length, changes) in deeds {
            let mids = [mid(number), mid(number % 39 + 1)];
            if changes {
                truth.insert(mids[0], named(number, &format!("{number}{}", "x".repeat(length))));
                cards.forget(&mids[..1]);
            }
            let faces = cards.known().faces(&mids, |mid| Ok(truth[&mid].clone())).unwrap();
            prop_assert_eq!(faces, Faces::of(mids.map(|mid| truth[&mid].clone())).unwrap());
        }
    }
}
