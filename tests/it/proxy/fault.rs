//! What a plan is asked about, and what it can want to happen.

use std::time::Duration;

/// A request, as a plan sees it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path and query, or the whole address where the proxy is used as a forward proxy.
    pub(crate) target: String,
    /// The headers; their names are in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body; chunks of `Transfer-Encoding` are joined, those of S3's `aws-chunked` are not.
    pub(crate) body: Vec<u8>,
    /// Which request it is since the plan was set; the first is 1.
    pub(crate) number: usize,
    /// AWS's name of what is asked for, such as `PutItem`, `GetObject`; else the method.
    pub(crate) operation: String,
}

impl Request {
    /// A header, by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// What is to go wrong with a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// The proxy answers with an error of AWS; the engine is not asked.
    Answer { status: u16, code: &'static str, message: &'static str },
    /// The engine does what was asked for, and its answer is lost: the connection is closed.
    LoseAnswer,
    /// The connection is closed, and the engine is not asked.
    Refuse,
    /// No answer, until the client or the proxy goes away; the engine is not asked.
    Stall,
    /// The head and so many bytes of the answer's body, then the connection is closed. A body that is no longer than that
    /// comes as usual.
    CutBody { after: usize },
    /// The head and so many bytes of the answer's body, then nothing until the client or the proxy goes away. A
    /// body that is no longer than that comes as usual.
    StallBody { after: usize },
    /// A page for people with status 200, as of a captive portal; the engine is not asked.
    Html,
    /// An answer that is not even HTTP; the engine is not asked.
    Garbage,
    /// The engine is asked without that header: a store that knows nothing of conditions. Signatures may cover the header,
    /// so it is for engines that check none.
    DropHeader(&'static str),
    /// The engine is asked without the condition of a DynamoDB `PutItem`, which must have no expression but that.
    DropCondition,
    /// The engine is asked for the first keys of a `BatchGetItem` only; the others come back as unprocessed.
    Unprocessed { serve: usize },
    /// The engine is asked for all but the first keys of a `BatchGetItem`; those come back as unprocessed.
    UnprocessedFirst { leave: usize },
    /// A pause before the engine is asked.
    Delay(Duration),
    /// The engine answers, with another `Date`, or with none.
    Date(Option<&'static str>),
    /// The proxy answers 200 with that JSON; the engine is not asked.
    Say(&'static str),
}
