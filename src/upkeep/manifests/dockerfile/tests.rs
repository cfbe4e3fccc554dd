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
        ("ADD git@example.com:a/b.git#v1:docs /x", &[]),
        ("ADD --keep-git-dir=true https://example.com/a.git /x", &[]),
        ("ADD --unpack=true a.tar /x", &["a.tar"]),
        ("COPY --parents ./a*/**/b.json ./", &["./a*/**/b.json"]),
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
fn lines_and_words_are_split_as_buildkit_splits_them() {
    for (text, expected) in [
        ("COPY a \\\n  b \\\n  /x/", &["a", "b"][..]),
        ("COPY a \\  \t\n b /x/", &["a", "b"]),
        ("COPY a \\\r\n b /x/\r\nCOPY c /x\r\n", &["a", "b", "c"]),
        ("COPY a \\\n# COPY no no\n  # no \\\n\n \t\n b /x/", &["a", "b"]),
        ("COPY a\\\nb /x/", &["ab"]),
        ("COPY a b\\\\\nCOPY c /x", &["a", "c"]),
        ("COPY a /x \\", &["a"]),
        ("\\\nCOPY a /x", &["a"]),
        ("  \tcOpY\ta\tb\t/x/", &["a", "b"]),
        ("COPY [ \"a\",\"b c\" , \"/x/\" ]", &["a", "b c"]),
        ("COPY [\"a\", \\\n \"b\", \"/x/\"]", &["a", "b"]),
        ("COPY [\"a\\u0062\", \"/x\"]", &["ab"]),
        ("COPY []", &[]),
        ("COPY ['a', 'b'] /x/", &["[a,", "b]"]),
        ("COPY [\"a\", \"b\" /x/", &["[a,", "b"]),
        ("COPY [\"a\"] b /x/", &["[a]", "b"]),
        ("COPY --from= a /x", &["a"]),
        ("COPY -- --from=b /x", &["--from=b"]),
        ("COPY --chown=\"a b\" c /x", &["c"]),
        ("COPY --from=\"build\" a /x", &[]),
        ("COPY --parents --exclude=*.md ./a/./b /x", &["./a/./b"]),
        ("RUN --mount=TYPE=bind,SRC=a,rw,target=/x make", &["a"]),
        ("RUN --mount=type=bind,from=,source=a,target=/x make", &["a"]),
        ("RUN --mount=\"type=bind,source=a,target=/x\" make", &["a"]),
        ("RUN --mount=type=cache,target=/x --mount=src=a,dst=/y <<E\nCOPY no no\nE", &["a"]),
        ("RUN make --mount=source=no,target=/x", &[]),
        ("RUN sh -c \"cat <<E > x\"\nCOPY a /x", &["a"]),
        ("RUN [\"cat\", \"<<E\"]\nCOPY a /x", &["a"]),
        ("RUN <<'E'\nCOPY no no\n\tE\nE\nCOPY a /x", &["a"]),
        ("RUN <<E'F'\nCOPY no no\nEF\nCOPY a /x", &["a"]),
        ("COPY <<\"E F\" /x\nCOPY no no\nE F\nCOPY a /x", &["F", "a"]),
        ("LABEL a=<<E\nCOPY a /x", &["a"]),
        ("HEALTHCHECK CMD COPY no no\nCOPY a /x", &["a"]),
        ("COPYRIGHT a /x", &[]),
    ] {
        assert_eq!(sources(&format!("FROM x AS build\nFROM x\n{text}")), expected, "{text}");
    }
    assert_eq!(sources("\u{feff}# escape=`\r\nFROM x\r\nCOPY a `\r\n b c:\\x\\"), ["a", "b"]);
}

#[test]
fn what_onbuild_copies_counts_in_the_stages_made_from_its_own() {
    let text =
        "FROM x AS base\nONBUILD ARG D=d\nONBUILD COPY a $D /x\nonbuild run --mount=source=b,target=/b make\nFROM y\n";
    assert!(sources(text).is_empty());
    assert_eq!(sources(&format!("{text}FROM base AS one\n")), ["a", "d", "b"]);
    // What a stage took over it does not pass on.
    assert_eq!(sources(&format!("{text}FROM BASE AS one\nFROM one\nONBUILD COPY c /x\n")), ["a", "d", "b"]);
}

#[test]
fn a_text_for_another_program_than_dockers_is_not_understood() {
    for (syntax, known) in [
        ("docker/dockerfile:1.7-labs", true),
        ("registry.example.com:5000/mirror/docker/dockerfile:1@sha256:00", true),
        ("docker/dockerfile-upstream:master", true),
        ("example/dockerfile-plus", false),
        ("example/other:1", false),
    ] {
        assert_eq!(read(&format!("# syntax={syntax}\nFROM x\nCOPY a /x")).builds, known, "{syntax}");
    }
    assert!(read("# check=skip=all\nFROM x").builds && !read("# only a comment\n\n").builds);
}

#[test]
fn a_variable_counts_from_where_it_is_set_in_its_own_stage() {
    for (text, expected) in [
        ("ENV A=b\nENV A=c B=$A\nCOPY $B /x", &["b"][..]),
        ("ENV A b\nENV A=\"c d\" B='$A'\nCOPY [\"$A\", \"/x\"]", &["c d"]),
        ("ENV A=b \\\n    B=c\nCOPY ${A}${B} /x", &["bc"]),
        ("ARG A=b C=d\nCOPY $A $C /x/", &["b", "d"]),
        ("ARG A=b\nARG B=$A/c\nCOPY $B /x", &["b/c"]),
        ("ARG G\nCOPY $G /x", &["global"]),
        ("ARG G=own\nCOPY $G /x", &["own"]),
        ("COPY $G a /x", &["a"]),
        ("COPY ${NONE:-a} ${NONE-b} /x/", &["a", "b"]),
        ("ENV E=\nCOPY ${E:-a} ${E-b}c ${E:+d}e ${E+f} /x/", &["a", "c", "e", "f"]),
        ("ENV A=b\nCOPY \\$A '$A' \"$A\" /x/", &["$A", "$A", "b"]),
        ("ENV A=b\nRUN --mount=source=$A,target=/x make", &["b"]),
        ("ENV A=b\nFROM x\nCOPY ${A} a /x", &["a"]),
    ] {
        assert_eq!(sources(&format!("ARG G=global\nFROM x\n{text}")), expected, "{text}");
    }
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
