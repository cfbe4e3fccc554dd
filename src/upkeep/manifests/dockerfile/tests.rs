//! What Dockerfiles take, one form per test.

use super::*;

fn sources(text: &str) -> Vec<String> {
    read(text).copies.into_iter().flat_map(|copied| copied.sources).collect()
}

fn images(text: &str) -> Vec<String> {
    read(text).images.into_iter().map(|image| image.name).collect()
}

#[test]
fn every_form_of_copy_names_its_sources() {
    for (instruction, expected) in [
        ("COPY a b /x/", &["a", "b"][..]),
        ("copy ./Sources ./Sources", &["./Sources"]),
        ("COPY --chown=a:b --link --chmod=755 a /x", &["a"]),
        ("COPY [\"a b\", \"c\", \"/x/\"]", &["a b", "c"]),
        ("ADD package*.json ./", &["package*.json"]),
        ("COPY . .", &["."]),
        ("COPY --from=build /out /x", &[]),
        ("COPY --from=0 /out /x", &[]),
        ("COPY <<EOF /x\ntext\nEOF", &[]),
        ("COPY a <<EOF /x/\ntext\nEOF", &["a"]),
        ("RUN --mount=type=bind,source=go.mod,target=go.mod --mount=type=cache,target=/c go build", &["go.mod"]),
        ("RUN --mount=target=. make", &["."]),
        ("RUN --mount=type=bind,from=build,source=/x,target=/x make", &[]),
        ("RUN --mount=type=secret,id=a make", &[]),
        ("ONBUILD COPY a b", &[]),
        ("# COPY a b", &[]),
    ] {
        assert_eq!(sources(&format!("FROM x AS build\nFROM scratch\n{instruction}\n")), expected, "{instruction}");
    }
    let excluding = read("FROM scratch\nCOPY --exclude=*.md --exclude=docs src /x");
    assert_eq!(excluding.copies[0].excludes, ["*.md", "docs"]);
}

#[test]
fn variables_are_filled_in_where_their_value_is_written() {
    let text = "ARG DIR=app\nFROM scratch AS one\nARG DIR\nENV SUB=src OTHER=\"$DIR/x\"\nCOPY $DIR/${SUB} $OTHER /x/\nFROM one\nCOPY $SUB /x\nFROM scratch\nENV A b c\nCOPY ${A} /x\nARG LATER\nCOPY $LATER ok /x\nCOPY $SUB /y";
    assert_eq!(sources(text), ["app/src", "app/x", "src", "b c", "ok"]);
    let unclear: Vec<(usize, String)> =
        read(text).unclear.into_iter().map(|found| (found.line, found.variable)).collect();
    assert_eq!(unclear, [(12, "LATER".to_owned()), (13, "SUB".to_owned())]);
}

#[test]
fn images_are_those_of_from_and_of_copies_from_elsewhere() {
    let text = "ARG NODE=22\nARG BASE\nFROM --platform=$BUILDPLATFORM node:${NODE}-slim AS Build\nFROM build AS two\nFROM scratch\nFROM $BASE\nCOPY --from=build /a /a\nCOPY --from=nginx:1.27 /b /b\nRUN --mount=from=busybox,target=/b true\nFROM ${BASE:-alpine}";
    assert_eq!(images(text), ["node:22-slim", "nginx:1.27", "busybox", "alpine"]);
    assert_eq!(
        read(text).unclear,
        [Unclear { line: 6, word: "$BASE".to_owned(), variable: "BASE".to_owned(), copies: false }]
    );
}

#[test]
fn what_lies_behind_an_address_is_no_file() {
    let text = "FROM scratch\nADD https://example.com/a.tgz b /x/\nADD --checksum=sha256:00 https://example.com/b /x\nCOPY https://x /y";
    let found = read(text);
    let remotes: Vec<(usize, bool)> = found.remotes.iter().map(|remote| (remote.line, remote.checked)).collect();
    assert_eq!((remotes, sources(text)), (vec![(2, false), (3, true)], vec!["b".to_owned(), "https://x".to_owned()]));
}

#[test]
fn nothing_that_can_be_written_makes_it_fail() {
    for text in [
        "",
        "FROM",
        "COPY",
        "COPY a",
        "FROM ${",
        "COPY [\"a\"",
        "ENV",
        "ARG =",
        "RUN --mount",
        "COPY \\",
        "\u{feff}FROM x\\",
        "ADD --from= a b",
    ] {
        let _ = read(text);
    }
    assert!(!read("26c8227b77a8e123a7f0ca6e66e2212ce038ce6f").builds);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_fail(words in proptest::collection::vec("(FROM|COPY|ADD|RUN|ENV|ARG|--from=|--mount=|<<E|\\$\\{|[a-zé$\\[\\]\"'`{}:=,#<-]|\\\\|\n| )", 0..40)) {
        let _ = read(&words.concat());
    }
}
