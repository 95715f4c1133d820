//! The style lint: measures STYLE.md's rules over the tracked Rust and Markdown files.

use regex::Regex;
use std::fmt;
use std::path::Path;
use std::process::Command;

/// First words that leave a doc comment without a subject of its own.
const HEADLESS: &str = r"^(What|Who|Whom|Whose|Whoever|Whatever|How|Where|When|Whether|Which|Why|They|It|That|Those|Them|One|Nobody|Somebody)\b";
/// Verbs and adverbs with a plainer word.
const VERBS: &str = r"(?i)\b(tells?|told|whom|whence|anew|be it|of late|goes on|gone on|come to nothing|taken? in|takes in|put out)\b";
/// Private names that standard terms replaced.
const PRIVATE: &str = r"\b(Roll|Shelf|Settler|Deed|Knock|Whence|Farewell|Patience|Told|Kept|Attend|Seat|Tries|Circumstances|Pulse|Visitors)\b";
/// Terms that a reader searches for. Each occurs somewhere in the code.
const TERMS: [&str; 12] = [
    "wal",
    "memtable",
    "checkpoint",
    "replay",
    "btree",
    "rate_limit",
    "prefetch",
    "backoff",
    "corrupt",
    "scheduler",
    "middleware",
    "lockout",
];
/// The longest name of a test, in characters.
const TEST_NAME: usize = 60;

/// A measure of the lint.
#[derive(Debug)]
pub(crate) struct Measure {
    name: &'static str,
    value: f64,
    limit: f64,
    /// The places to mend, for the measures that have places.
    places: Vec<String>,
}

impl Measure {
    /// True if the value is over the limit.
    pub(crate) fn is_over(&self) -> bool {
        self.value > self.limit
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let over = if self.is_over() { "  OVER" } else { "" };
        write!(out, "{:<70} {:8.1}  limit {:.1}{over}", self.name, self.value, self.limit)?;
        for place in self.places.iter().filter(|_| self.is_over()) {
            write!(out, "\n  {place}")?;
        }
        Ok(())
    }
}

/// Reads the tracked files below `root` and measures them.
pub(crate) fn measure(root: &Path) -> std::io::Result<Vec<Measure>> {
    let output = Command::new("git").current_dir(root).args(["ls-files", "*.rs", "*.md"]).output()?;
    let mut counts = Counts::default();
    for file in String::from_utf8_lossy(&output.stdout).lines() {
        // A file that was deleted and not yet committed is still listed.
        let Ok(text) = std::fs::read_to_string(root.join(file)) else { continue };
        let is_rust = Path::new(file).extension().is_some_and(|extension| extension == "rs");
        if is_rust {
            // This file names the words that it forbids.
            if !file.ends_with("xtask/src/style.rs") {
                counts.rust(file, &text);
            }
        } else if !file.contains("zh") && !file.contains("LICENSE") {
            counts.markdown(&text);
        }
    }
    Ok(counts.measures())
}

/// Sums over all files.
#[derive(Default)]
struct Counts {
    doc_blocks: usize,
    doc_words: usize,
    headless: Vec<String>,
    verbs: Vec<String>,
    private: Vec<String>,
    tests: Vec<String>,
    terms: [bool; TERMS.len()],
    prose_words: usize,
    semicolons: usize,
    relatives: usize,
}

impl Counts {
    fn rust(&mut self, file: &str, text: &str) {
        let (headless, verbs, private) = (pattern(HEADLESS), pattern(VERBS), pattern(PRIVATE));
        let comment = pattern(r"^\s*//[/!] ?(.*)");
        let mut block: Vec<(usize, &str)> = Vec::new();
        for (number, line) in text.lines().chain([""]).enumerate() {
            if let Some(doc) = comment.captures(line) {
                block.push((number + 1, doc.get(1).map_or("", |text| text.as_str())));
            } else if let Some((first, head)) = block.first().copied() {
                let whole = block.iter().map(|(_, text)| *text).collect::<Vec<_>>().join(" ");
                self.doc_blocks += 1;
                self.doc_words += whole.split_whitespace().count();
                self.headless.extend(headless.is_match(head).then(|| format!("{file}:{first}: {head}")));
                self.verbs
                    .extend(verbs.find_iter(&whole).map(|word| format!("{file}:{first}: {}", word.as_str())));
                block.clear();
            }
        }
        for (number, line) in text.lines().enumerate() {
            self.private.extend(
                private.find_iter(line).map(|name| format!("{file}:{}: {}", number + 1, name.as_str())),
            );
        }
        let test = pattern(r"#\[(?:tokio::)?test[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:async )?fn (\w+)");
        for name in test.captures_iter(text).filter_map(|found| found.get(1)).map(|name| name.as_str()) {
            let is_bad = name.len() > TEST_NAME
                || ["who_", "what_", "whom_", "whose_", "whoever_"].iter().any(|head| name.starts_with(head));
            self.tests.extend(is_bad.then(|| format!("{file}: {name}")));
        }
        let lower = text.to_lowercase();
        for (term, seen) in TERMS.iter().zip(&mut self.terms) {
            *seen |= lower.contains(term);
        }
    }

    fn markdown(&mut self, text: &str) {
        let prose = pattern(r"(?s)```.*?```").replace_all(text, "").into_owned();
        self.prose_words += pattern(r"[A-Za-z']+").find_iter(&prose).count();
        self.semicolons += prose.matches(';').count();
        self.relatives += pattern(r"(?i)\b(who|what|which|whom|whose)\b").find_iter(&prose).count();
    }

    fn measures(self) -> Vec<Measure> {
        let missing: Vec<String> = TERMS
            .iter()
            .zip(self.terms)
            .filter(|(_, seen)| !seen)
            .map(|(term, _)| (*term).to_owned())
            .collect();
        let per = |count: usize, of: usize, unit: f64| unit * number(count) / number(of.max(1));
        let measure = |name, value, limit, places| Measure { name, value, limit, places };
        vec![
            measure(
                "doc blocks that begin with a question word or a bare pronoun, %",
                per(self.headless.len(), self.doc_blocks, 100.0),
                4.0,
                self.headless,
            ),
            measure(
                "banned verbs per 1,000 words of doc comments",
                per(self.verbs.len(), self.doc_words, 1000.0),
                1.0,
                self.verbs,
            ),
            measure("uses of private type names", number(self.private.len()), 20.0, self.private),
            measure(
                "test names over 60 characters, or beginning with who_/what_",
                number(self.tests.len()),
                10.0,
                self.tests,
            ),
            measure("standard terms that occur nowhere", number(missing.len()), 0.0, missing),
            measure(
                "Markdown: semicolons per 1,000 words",
                per(self.semicolons, self.prose_words, 1000.0),
                3.0,
                Vec::new(),
            ),
            measure(
                "Markdown: who/what/which per 1,000 words",
                per(self.relatives, self.prose_words, 1000.0),
                7.0,
                Vec::new(),
            ),
        ]
    }
}

#[expect(clippy::expect_used, reason = "the patterns are constants, and a test compiles each")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is valid")
}

#[expect(clippy::cast_precision_loss, reason = "counts of this repository are far below 2^53")]
fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_counts_its_offences() {
        let mut counts = Counts::default();
        counts.rust(
            "a.rs",
            "/// Whose it is, told anew.\nstruct Roll;\n\n/// Returns the WAL.\nfn f() {}\n#[test]\nfn what_is_so() {}\n",
        );
        counts.markdown("One who waits; two.\n```\nwho;\n```\n");
        assert_eq!((counts.doc_blocks, counts.doc_words), (2, 8));
        assert_eq!(counts.headless, ["a.rs:1: Whose it is, told anew."]);
        assert_eq!(counts.verbs, ["a.rs:1: told", "a.rs:1: anew"]);
        assert_eq!(counts.private, ["a.rs:2: Roll"]);
        assert_eq!(counts.tests, ["a.rs: what_is_so"]);
        assert_eq!((counts.prose_words, counts.semicolons, counts.relatives), (4, 1, 1));
        assert!(counts.terms[0] && !counts.terms[1]);
        let over: Vec<bool> = counts.measures().iter().map(Measure::is_over).collect();
        assert_eq!(
            over,
            [true, true, false, false, true, true, true],
            "private names and test names have a number"
        );
    }

    #[test]
    fn plain_text_is_within_the_limits() {
        let mut counts = Counts { terms: [true; TERMS.len()], ..Counts::default() };
        counts.rust("a.rs", "/// Returns the length in bytes.\nfn len() {}\n");
        counts.markdown("The WAL holds each commit.\n");
        assert!(!counts.measures().iter().any(Measure::is_over));
    }
}
