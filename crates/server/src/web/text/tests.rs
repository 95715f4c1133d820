//! Comparison of the catalogues with each other, and with the keys that templates and code use.

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Texts by key, each with the names of its arguments.
type Arguments = BTreeMap<String, BTreeSet<String>>;

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, extension, files);
            } else if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), extension, &mut found);
    found
}

/// Returns the texts of a language. A text begins in the first column, and its other lines are indented.
fn texts(sources: &[&str]) -> Arguments {
    let mut texts = Arguments::new();
    let mut current = String::new();
    for line in sources.iter().flat_map(|source| source.lines()) {
        if line.starts_with(|first: char| first.is_ascii_lowercase()) {
            current = line.split(' ').next().unwrap().to_owned();
            assert!(texts.insert(current.clone(), BTreeSet::new()).is_none(), "two texts {current}");
        } else if !line.starts_with(' ') {
            continue;
        }
        for argument in line.split('$').skip(1) {
            let end = argument.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap();
            texts.get_mut(&current).unwrap().insert(argument[..end].to_owned());
        }
    }
    texts
}

/// Returns the literal keys of the calls of `text`, `html` and `Key` in templates and code.
fn used_keys() -> BTreeMap<String, PathBuf> {
    let mut used = BTreeMap::new();
    for path in [files("templates", "html"), files("src/web", "rs"), files("src/openapi", "rs")].concat() {
        let source = fs::read_to_string(&path).unwrap();
        for call in [".text(", ".html(", "Key("] {
            for (at, _) in source.match_indices(call) {
                let Some(literal) = source[at + call.len()..].trim_start().strip_prefix('"') else {
                    continue;
                };
                let key = &literal[..literal.find('"').unwrap()];
                let is_key =
                    |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
                if !key.is_empty() && key.bytes().all(is_key) {
                    used.insert(key.to_owned(), path.clone());
                }
            }
        }
    }
    used
}

#[test]
fn catalogues_have_the_same_keys_and_arguments() {
    let (chinese, english) = (texts(CHINESE), texts(ENGLISH));
    for (key, arguments) in &chinese {
        assert_eq!(english.get(key), Some(arguments), "{key} in en");
    }
    for key in english.keys() {
        assert!(chinese.contains_key(key), "{key} is not in zh-CN");
    }
    for language in Language::ALL {
        for key in chinese.keys() {
            assert!(catalogue(language).has_message(key), "{key} in {}", language.tag());
        }
        let folder = files(&format!("locales/{}", language.tag()), "ftl");
        let names: BTreeSet<_> =
            folder.iter().map(|path| path.file_stem().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, AREAS.iter().copied().collect(), "files of {}", language.tag());
    }
}

#[test]
fn every_used_key_has_a_text_and_every_text_is_used() {
    let (texts, used) = (texts(CHINESE), used_keys());
    let missing: Vec<_> = used.iter().filter(|(key, _)| !texts.contains_key(*key)).collect();
    assert!(missing.is_empty(), "no catalogue has {missing:?}");
    let unused: Vec<_> = texts
        .keys()
        .filter(|key| !used.contains_key(*key) && !key.starts_with("code-") && !key.starts_with("http-"))
        .collect();
    assert!(unused.is_empty(), "no template and no code uses {unused:?}");
}

#[test]
fn every_error_has_a_text() {
    let codes: BTreeSet<_> =
        ErrorCode::ALL.iter().map(|code| format!("code-{}", code.number().abs())).collect();
    let errors: BTreeSet<_> =
        HttpError::ALL.iter().map(|error| format!("http-{}", error.number().abs())).collect();
    let numbered: BTreeSet<_> = texts(CHINESE)
        .into_keys()
        .filter(|key| key.starts_with("code-") || key.starts_with("http-"))
        .collect();
    assert_eq!(numbered, &codes | &errors);
}

#[test]
fn argument_is_escaped_and_selects_a_plural() {
    let html = Language::English.html("qr-open-address").with("url", "\"><script>");
    assert!(html.to_string().contains("<a href=\"&#34;&#62;&#60;script&#62;\">this"), "{html}");
}
