//! The guide on testing clients: the files it shows are those in `recipes`, which `tools/recipes` runs.

use std::fs;
use std::path::Path;

const GUIDE: &str = include_str!("../../../../docs/guide/testing-clients.md");

#[test]
fn guide_shows_the_files_of_the_recipes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let parts: Vec<&str> = GUIDE.split("```").collect();
    let (blocks, _) = parts.as_chunks::<2>();
    let mut compared = 0;
    for [before, block] in blocks {
        let (language, shown) = block.split_once('\n').unwrap();
        if ["sh", "text"].contains(&language) {
            continue;
        }
        let file = before.trim_end().strip_suffix("):").and_then(|text| text.rsplit_once("](../../"));
        let (_, file) = file.expect("a link to the file precedes its text");
        assert_eq!(shown, fs::read_to_string(root.join(file)).unwrap(), "{file}");
        compared += 1;
    }
    assert_eq!(compared, 6);
}
