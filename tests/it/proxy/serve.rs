//! One connection of a client: its requests are read, given to the engine as the plan says, and answered.

use std::io::{self, BufReader, ErrorKind, Write};
use std::net::{IpAddr, TcpStream};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::aws;
use super::dynamodb::{self, Batch};
use super::fault::Fault;
use super::http::{Message, Patient};
use super::state::State;

/// What becomes of a connection after a request.
enum After {
    GoOn,
    Close,
    Stall,
}

/// Serves a client until it goes, a fault closes the connection, or the proxy is dropped.
pub(super) fn serve(client: &TcpStream, state: &State) -> io::Result<()> {
    let mut from_client = BufReader::new(Patient::new(client, &state.stopped)?);
    while let Some(request) = Message::request(&mut from_client, client)? {
        let (serial, fault) = state.arrived(&request);
        let response = response(state, &request, &fault)?;
        if let Some(response) = &response {
            state.answered(serial, response);
        }
        match give(client, &fault, response)? {
            After::GoOn => {}
            After::Close => break,
            After::Stall => {
                // What else the client sends is not looked at; only that it goes away is.
                io::copy(&mut from_client, &mut io::sink())?;
                break;
            }
        }
    }
    Ok(())
}

/// The response of the engine or of the proxy; none for a fault that leaves the request alone.
fn response(state: &State, request: &Message, fault: &Fault) -> io::Result<Option<Message>> {
    let response = match *fault {
        Fault::Refuse | Fault::Stall => return Ok(None),
        Fault::Answer { status, code, message } => aws::error(request, status, code, message),
        Fault::Html => {
            Message::made(200, "Content-Type: text/html", b"<!DOCTYPE html><title>Welcome</title>Sign in".to_vec())
        }
        Fault::Garbage => Message::raw(b"\x15\x03\x01\x00\x02\x02\x16 this is not HTTP\r\n\r\n".to_vec()),
        Fault::None | Fault::LoseAnswer | Fault::CutBody { .. } | Fault::StallBody { .. } => relay(state, request)?,
        Fault::DropHeader(name) => relay(state, &request.without_headers(&[&name.to_ascii_lowercase()]))?,
        Fault::DropCondition => relay(state, &dynamodb::without_condition(request))?,
        Fault::Unprocessed { serve } => batch(state, request, |number| number < serve)?,
        Fault::UnprocessedFirst { leave } => batch(state, request, |number| number >= leave)?,
        Fault::Date(date) => {
            let answer = relay(state, request)?.without_headers(&["date"]);
            date.map_or(answer.clone(), |date| answer.with_header(&format!("Date: {date}")))
        }
        Fault::Say(text) => Message::made(200, "Content-Type: application/x-amz-json-1.0", text.as_bytes().to_vec()),
        Fault::Delay(pause) => {
            wait(state, pause)?;
            relay(state, request)?
        }
    };
    // The answer to HEAD has the head of the answer to GET, and no body.
    Ok(Some(if request.method() == "HEAD" { response.head_only() } else { response }))
}

/// The answer to a batch of which only some keys are served; any other request is relayed.
fn batch(state: &State, request: &Message, serves: impl Fn(usize) -> bool) -> io::Result<Message> {
    let Some(batch) = Batch::split(request, serves) else { return relay(state, request) };
    let served = batch.served().map(|served| relay(state, &served)).transpose()?;
    Ok(batch.answer(served))
}

/// Gives the client what the fault leaves of the response.
fn give(mut client: &TcpStream, fault: &Fault, response: Option<Message>) -> io::Result<After> {
    match (fault, response) {
        (Fault::Stall, _) => Ok(After::Stall),
        (Fault::LoseAnswer, _) | (_, None) => Ok(After::Close),
        (Fault::StallBody { after }, Some(response)) if *after < response.payload().len() => {
            client.write_all(&response.cut(*after))?;
            Ok(After::Stall)
        }
        (Fault::CutBody { after }, Some(response)) if *after < response.payload().len() => {
            client.write_all(&response.cut(*after))?;
            Ok(After::Close)
        }
        (_, Some(response)) => {
            client.write_all(&response.wire())?;
            Ok(if response.ends_the_connection() { After::Close } else { After::GoOn })
        }
    }
}

/// Asks the engine, or the loopback host that a target in absolute form names, over a connection of its own.
fn relay(state: &State, request: &Message) -> io::Result<Message> {
    let target = request.target();
    let (authority, request) = match aws::origin_form(&target) {
        Some((authority, path)) if is_loopback(authority) => (authority, request.with_target(path)),
        None if request.method() != "CONNECT" => (state.engine.as_str(), request.clone()),
        _ => return Ok(Message::made(403, "Content-Type: text/plain", b"only plain HTTP to loopback hosts".to_vec())),
    };
    let engine = TcpStream::connect(authority)?;
    let mut from_engine = BufReader::new(Patient::new(&engine, &state.stopped)?);
    // An engine may answer, and close, before it has taken the whole body: then the response counts.
    let sent = (&engine).write_all(&request.wire());
    Message::response(&mut from_engine, &request.method()).map_err(|error| sent.err().unwrap_or(error))
}

fn is_loopback(authority: &str) -> bool {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn wait(state: &State, pause: Duration) -> io::Result<()> {
    let end = Instant::now() + pause;
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        if state.stopped.load(Ordering::Relaxed) {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        std::thread::sleep(left.min(Duration::from_millis(20)));
    }
    Ok(())
}
