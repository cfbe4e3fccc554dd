//! What a pattern covers, from its text alone and one character after the other: too simple to be wrong, and it shares
//! neither the parser nor the matcher with the program.

/// Stands where braces were, so that two stars that only they bring together are not a `**`. No pattern holds it.
const SEAM: u8 = 1;

/// Whether the pattern, which the program accepts, matches the path or a directory above it. `folded`: whatever the case.
pub(crate) fn covers(pattern: &str, path: &[u8], folded: bool) -> bool {
    let names: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    expanded(pattern).iter().any(|alternative| {
        let mut components: Vec<&[u8]> = alternative.split('/').map(str::as_bytes).collect();
        if let Some(last) = components.last_mut().filter(|last| last.iter().all(|byte| *byte == SEAM)) {
            *last = b"**";
        }
        (1..=names.len()).any(|end| matches(&components, &names[..end], folded))
    })
}

/// Whether components match exactly these names.
fn matches(components: &[&[u8]], names: &[&[u8]], folded: bool) -> bool {
    let Some((first, rest)) = components.split_first() else { return names.is_empty() };
    // Stars on both sides of a seam are not one `**`, so only seams at the ends are passed over.
    let is_seam = |byte: &u8| *byte == SEAM;
    let start = first.iter().take_while(|byte| is_seam(byte)).count();
    let end = first.len() - first[start..].iter().rev().take_while(|byte| is_seam(byte)).count();
    let typed = &first[start..end];
    let deep = typed.len() > 1 && typed.iter().all(|byte| *byte == b'*');
    if deep && rest.is_empty() {
        return !names.is_empty();
    }
    let Some((name, others)) = names.split_first() else { return deep && matches(rest, names, folded) };
    if deep {
        return matches(rest, names, folded) || matches(components, others, folded);
    }
    fits(first, name, folded) && matches(rest, others, folded)
}

/// Whether a component matches a name.
fn fits(glob: &[u8], name: &[u8], folded: bool) -> bool {
    let Some((first, rest)) = glob.split_first() else { return name.is_empty() };
    match (first, name) {
        (&SEAM, _) => fits(rest, name, folded),
        (b'*', _) => fits(rest, name, folded) || (!name.is_empty() && fits(glob, &name[1..], folded)),
        (_, []) => false,
        (_, [byte, others @ ..]) => {
            let cases = [*byte, byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
            let cases = if folded { &cases[..] } else { &cases[..1] };
            cases.iter().any(|byte| one(glob, *byte)) && fits(&glob[length(glob)..], others, folded)
        }
    }
}

/// Whether what a glob begins with, which is no star, matches a byte.
fn one(glob: &[u8], byte: u8) -> bool {
    match glob {
        [b'?', ..] => true,
        [b'\\', escaped, ..] => *escaped == byte,
        [b'[', class @ ..] => {
            let mut class = &class[..length(glob) - 2];
            let negated = matches!(class, [b'!' | b'^', ..]);
            class = &class[usize::from(negated)..];
            let mut next = || {
                let (escaped, rest) = class.split_first()?;
                let (byte, rest) = if *escaped == b'\\' { rest.split_first()? } else { (escaped, rest) };
                class = rest;
                Some((*byte, rest))
            };
            let mut found = false;
            while let Some((low, rest)) = next() {
                let ranges = rest.len() > 1 && rest[0] == b'-';
                let high = if ranges { next().and_then(|_| next()).map_or(low, |(high, _)| high) } else { low };
                found |= (low..=high).contains(&byte);
            }
            found != negated
        }
        [first, ..] => *first == byte,
        [] => false,
    }
}

/// How many bytes one character, escape or class takes at the beginning.
fn length(text: &[u8]) -> usize {
    match text {
        [b'\\', ..] => 2,
        [b'[', class @ ..] => {
            let mut at = usize::from(matches!(class, [b'!' | b'^', ..]));
            let first = at;
            while at == first || class[at] != b']' {
                at += if class[at] == b'\\' { 2 } else { 1 };
            }
            at + 2
        }
        _ => 1,
    }
}

/// The texts that the braces of a pattern stand for.
fn expanded(pattern: &str) -> Vec<String> {
    let seam = char::from(SEAM);
    let (mut at, mut cuts, mut depth) = (0, Vec::new(), 0);
    while at < pattern.len() {
        let byte = pattern.as_bytes()[at];
        depth += usize::from(byte == b'{');
        if depth == 1 && matches!(byte, b'{' | b',' | b'}') {
            cuts.push(at);
        }
        depth -= usize::from(byte == b'}');
        if byte == b'}' && depth == 0 {
            let (front, back) = (&pattern[..cuts[0]], &pattern[at + 1..]);
            let alternative = |pair: &[usize]| format!("{front}{seam}{}{seam}{back}", &pattern[pair[0] + 1..pair[1]]);
            return cuts.windows(2).flat_map(|pair| expanded(&alternative(pair))).collect();
        }
        at += length(&pattern.as_bytes()[at..]);
    }
    vec![pattern.to_owned()]
}

#[test]
fn the_oracle_reads_patterns_as_they_are_documented() {
    for (pattern, inside, outside) in [
        ("a/*.rs", "a/x.rs/y", "a/b/x.rs"),
        ("**/x", "x", "xx"),
        ("a/**/b", "a/b", "ab"),
        ("a/", "a/b", "a"),
        ("a/**", "a/b", "a"),
        ("{a,b/{c,d}}/x", "b/d/x", "b/x"),
        ("{a/*,b}*", "a/x", "c/x"),
        ("{*,a}*/b", "x/b", "x/y/b"),
        ("{*,a}**/b", "x/b", "x/y/b"),
        ("{**,a}/b", "x/y/b", "x/y"),
        ("[a-c]x", "bx", "dx"),
        ("[!a-c]x", "dx", "bx"),
        ("[^]a]", "b", "]"),
        ("[]a-]", "-", "b"),
        ("[\\]-a]", "_", "b"),
        ("\\*{,x}", "*x", "x"),
    ] {
        assert!(covers(pattern, inside.as_bytes(), false), "{pattern} covers {inside}");
        assert!(!covers(pattern, outside.as_bytes(), false), "{pattern} does not cover {outside}");
    }
    assert!(covers("A[!B]", b"aB", true) && !covers("A[!1]", b"a1", true) && !covers("A", b"a", false));
}
