//! What a pattern that matches nothing would match if its text were meant literally, or written in another form of Unicode.

use unicode_normalization::UnicodeNormalization as _;

/// A correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    /// The file or directory that was meant.
    pub path: String,
    /// Whether brackets were meant as such; else it is the form of Unicode.
    pub brackets: bool,
    /// What to write, for people.
    pub advice: String,
}

/// The correction of a pattern that matches nothing, for people. `exists` says whether a path is in the source.
pub fn meant_literally(pattern: &str, exists: impl Fn(&str) -> bool) -> Option<Meant> {
    let pattern = pattern.trim_end_matches('/');
    let front = |text: &str, wild: &[char]| {
        let components = text.split('/').take_while(|component| !component.contains(wild));
        components.collect::<Vec<_>>().join("/")
    };
    if pattern.contains('[') && !pattern.contains('\\') {
        let name = front(pattern, &['*', '?', '{', '}']);
        if name.contains('[') && exists(&name) {
            let escaped = pattern.replace('[', "\\[").replace(']', "\\]");
            let advice = format!("`{name}` is there, but brackets stand for one character of a set: write '{escaped}'");
            return Some(Meant { path: name, brackets: true, advice });
        }
    }
    let forms = [("NFC", pattern.nfc().collect::<String>()), ("NFD", pattern.nfd().collect::<String>())];
    forms.into_iter().filter(|(_, other)| other != pattern).find_map(|(form, other)| {
        let name = front(&other, &['*', '?', '{', '}', '[', '\\']);
        let found = !name.is_ascii() && exists(&name);
        found.then(|| {
            let advice =
                format!("the source has that name in another form of Unicode, {form}: copy it from here: '{other}'");
            Meant { path: name, brackets: false, advice }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_forms_of_unicode_are_corrected() {
        let there = ["app/[slug]", "caf\u{e9}", "re\u{301}s"];
        let meant = |pattern: &str| meant_literally(pattern, |path| there.contains(&path)).map(|meant| meant.advice);
        assert!(meant("app/[slug]/**").unwrap().ends_with(r"write 'app/\[slug\]/**'"));
        assert!(meant("cafe\u{301}/*.rs").unwrap().ends_with("NFC: copy it from here: 'caf\u{e9}/*.rs'"));
        assert!(meant("r\u{e9}s").unwrap().contains("NFD"));
        for nothing in ["app/[id]/**", "app/x", "[a-z]*", "caf\u{e9}", r"app/\[slug\]"] {
            assert_eq!(meant(nothing), None, "{nothing}");
        }
    }
}
