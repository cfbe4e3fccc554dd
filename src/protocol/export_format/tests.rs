use super::*;

fn header() -> Header {
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    Header::new(ProjectName::default(), now, "shipmark 9")
}

fn owner() -> Owner {
    Owner { environment: EnvironmentName::default(), service: ServiceName::new("a").unwrap() }
}

fn text(lines: &[Line]) -> String {
    let mut out = Vec::new();
    write_line(&mut out, &header()).unwrap();
    for line in lines {
        write_line(&mut out, line).unwrap();
    }
    String::from_utf8(out).unwrap()
}

fn lines() -> [Line; 4] {
    let stored: Map<String, Value> = serde_json::from_str(r#"{"b":18446744073709551615,"a":[null,"é"]}"#).unwrap();
    [
        Line::Snapshot { owner: owner(), hash: "12".to_owned(), bytes: vec![0, 255, 10] },
        Line::Candidate { owner: owner(), candidate: stored.clone() },
        Line::Mark { owner: owner(), mark: stored },
        Line::End { services: 1 },
    ]
}

fn read(text: &str) -> Result<(Header, Vec<Numbered>), ExportError> {
    let (mut reader, header) = ExportReader::new(text.as_bytes())?;
    let mut lines = Vec::new();
    while let Some(line) = reader.next_line()? {
        lines.push(line);
    }
    Ok((header, lines))
}

#[test]
fn what_was_written_is_read() {
    let text = text(&lines());
    let (found, read) = read(&text).unwrap();
    assert_eq!(found, header());
    let expected: Vec<_> = (2..).zip(lines().map(Ok)).collect();
    assert_eq!(read, expected);
    assert!(text.contains(r#""environment":"default","service":"a","hash":"12","base64":"AP8K"}"#), "{text}");
}

#[test]
fn an_export_that_was_cut_off_is_known_wherever_it_was_cut() {
    let text = text(&lines());
    for cut in 0..text.len() - 1 {
        assert!(read(text.get(..cut).unwrap_or_default()).is_err(), "{cut}");
    }
    assert!(read(text.trim_end()).is_ok(), "only the last line end is missing");
    assert!(read(&(text + "\r\n\n")).is_ok());
}

#[test]
fn what_is_no_export_is_told_with_its_cause() {
    for (text, cause) in [
        ("", "line 1: it is empty"),
        ("\n\n", "it is empty"),
        ("hello", "expected value, column 1"),
        ("{}", "missing field `shipmark_export`"),
        (r#"{"shipmark_export":2}"#, "of version 2, and this shipmark knows 1"),
        (r#"{"shipmark_export":1,"project":""}"#, "the project name is empty"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(cause), "{text}: {error}");
    }
}

#[test]
fn a_line_that_is_none_has_a_number_and_hides_no_other() {
    let whole = text(&lines());
    for (bad, cause) in [
        (r#"{"kind":"other"}"#, "unknown variant `other`"),
        (r#"{"kind":"mark","environment":"default","service":"../a","mark":{}}"#, "not a valid service name"),
        (r#"{"kind":"mark","environment":"a\u0000","service":"a","mark":{}}"#, "not a valid environment name"),
        (r#"{"kind":"mark","environment":"default","service":"a","mark":[]}"#, "expected a map"),
        (
            r#"{"kind":"snapshot","environment":"default","service":"a","hash":"1","base64":"*"}"#,
            "its bytes are no base64",
        ),
        ("{", "EOF while parsing"),
        ("\u{1}", "expected value"),
    ] {
        let text = whole.replacen("{\"kind\":\"mark\"", &format!("{bad}\n{{\"kind\":\"mark\""), 1);
        let lines = read(&text).unwrap().1;
        let (number, found) = &lines[2];
        assert_eq!((*number, lines.len()), (4, 5), "{bad}");
        assert!(found.as_ref().unwrap_err().contains(cause), "{bad}: {found:?}");
        assert!(lines[3].1.is_ok());
    }
    let lines = read(&(whole.clone() + whole.lines().nth(1).unwrap())).unwrap().1;
    assert!(lines.last().unwrap().1.as_ref().unwrap_err().contains("has ended"), "{lines:?}");
}
