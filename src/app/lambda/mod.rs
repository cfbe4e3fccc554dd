//! `lambda`: the program as a Lambda function that does actions of a pipeline, before any build machine starts.
//!
//! The function itself only asks for events, starts a process of its own for each, and reports what that one says. So whatever ends
//! the work (a panic, too little memory, a deadline) becomes an answer at once; CodePipeline would otherwise wait for 20 minutes. It
//! also never has the event's credentials in its environment, and logs neither them nor the event.

mod answer;
mod child;
mod event;
mod request;
mod runtime;
mod work;

use std::time::Duration;

use crate::app::cli::LambdaArgs;
use crate::app::report::Reporter;
use crate::app::settings::{Environment, now};
use crate::base::failure::{Failure, Status, chain};
use crate::store::{Answered, Budget, CodePipeline};
use answer::JobAnswer;
use runtime::{Invocation, Runtime};

/// The time that is kept for the answer: a part of what is left when an event comes, and at most this.
const FOR_THE_ANSWER: Duration = Duration::from_secs(3);

/// Serves events for as long as Lambda gives any. Returns the exit status of the process.
pub fn lambda(args: &LambdaArgs, reporter: Reporter, environment: Result<Environment, Failure>) -> u8 {
    let served = match environment {
        Ok(environment) if args.job => work::work(environment, reporter),
        Ok(environment) => serve(&environment, reporter),
        Err(failure) => Err(failure),
    };
    match served {
        Ok(()) => Status::Done as u8,
        Err(failure) => {
            reporter.fail(&failure);
            failure.status as u8
        }
    }
}

fn serve(environment: &Environment, reporter: Reporter) -> Result<(), Failure> {
    let Some(api) = environment.runtime_api.as_deref() else {
        let failure = Failure::request("AWS_LAMBDA_RUNTIME_API is not set: this is no Lambda function");
        return Err(failure
            .hint("put the binary, named `bootstrap`, into the zip of a function with the runtime provided.al2023"));
    };
    let runtime = Runtime::new(api);
    let budget = Budget::new(FOR_THE_ANSWER);
    let region = environment.region.clone();
    let pipeline = CodePipeline::new(region, environment.pipeline_endpoint.clone(), budget.clone());
    loop {
        let invocation = runtime.next().map_err(|cause| Failure::other(format!("Lambda gives no event: {cause}")))?;
        let reply = handle(&invocation, &pipeline, &budget, reporter);
        let sent = match &reply {
            Ok(body) => runtime.respond(&invocation.id, body),
            Err((kind, message)) => {
                reporter.warn(&format!("the event is not done, and Lambda may send it again: {message}"));
                runtime.fail(&invocation.id, kind, message)
            }
        };
        sent.map_err(|cause| Failure::other(format!("Lambda does not take the result of an event: {cause}")))?;
    }
}

/// What Lambda is told: the answer, or a kind of error with its message, after which it sends an asynchronous event again.
type Reply = Result<String, (&'static str, String)>;

fn handle(invocation: &Invocation, pipeline: &CodePipeline, budget: &Budget, reporter: Reporter) -> Reply {
    let left = invocation.left(now());
    let limit = left.saturating_sub(FOR_THE_ANSWER.min(left / 4));
    let job = event::job_id(&invocation.body).map_err(|text| ("Event", text))?;
    let answer = child::work(invocation, limit);
    let Some(job) = job else {
        return match answer {
            JobAnswer::Done { variables, .. } => Ok(variables.to_string()),
            JobAnswer::Failed { kind, message } => Err((kind.word(), message)),
        };
    };
    budget.renew(invocation.left(now()).saturating_sub(Duration::from_millis(200)));
    report(&job, answer, pipeline, reporter)
}

/// Answers a job.
fn report(job: &str, answer: JobAnswer, pipeline: &CodePipeline, reporter: Reporter) -> Reply {
    let answered = match answer {
        JobAnswer::Done { variables, summary } => match pipeline.succeed(job, &variables, &summary) {
            Ok(Answered::Refused(why)) => {
                reporter.warn(&format!("CodePipeline refused the answer: {why}"));
                pipeline.fail(job, answer::FailureKind::Job.word(), &format!("CodePipeline refused the answer: {why}"))
            }
            answered => answered,
        },
        JobAnswer::Failed { kind, message } => {
            reporter.warn(&format!("the job fails: {message}"));
            pipeline.fail(job, kind.word(), &message)
        }
    };
    match answered {
        Ok(Answered::Taken) => Ok("{}".to_owned()),
        Ok(Answered::Late) => {
            reporter.say("the job has an answer already: this was not its first delivery");
            Ok("{}".to_owned())
        }
        Ok(Answered::Refused(why)) => Err(("Answer", why)),
        Err(error) => Err(("Answer", chain(&error))),
    }
}
