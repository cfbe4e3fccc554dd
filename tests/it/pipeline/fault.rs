//! Pipelines that use the program wrongly, so that it cannot keep its promise. The simulator must notice each.

use super::deployed::Half::{First, Second};
use super::execution::{Shape, Step};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The deploy goes on after it was recorded.
    RecordsTooEarly,
    /// `plan` stands in the place of `decide`: nobody hears that a build tries.
    OpensNothing,
    /// The build does not tell `record` that it failed.
    HidesFailure,
    /// Somebody says that nothing runs any more, while builds run.
    EndsTooEarly,
    /// The deploy stage has no `begin`.
    NoBegin,
    /// An execution that was skipped deploys the old artifact again and tells nobody.
    SkipsInSilence,
    /// The map does not say that the deploy of one service deploys another again.
    RedeploysInSilence,
}

impl Fault {
    /// The faults of a pipeline's own, with its shape. [`Self::RedeploysInSilence`] needs two pipelines and one stack.
    pub(super) const ALL: [(Self, Shape); 7] = [
        (Self::RecordsTooEarly, Shape::OneStep),
        (Self::OpensNothing, Shape::OneStep),
        (Self::HidesFailure, Shape::OneStep),
        (Self::EndsTooEarly, Shape::OneStep),
        (Self::RecordsTooEarly, Shape::TwoStep),
        (Self::NoBegin, Shape::TwoStep),
        (Self::SkipsInSilence, Shape::TwoStep),
    ];
}

/// The commands of the first stage of a pipeline.
pub(super) fn build_steps(shape: Shape, fault: Option<Fault>) -> &'static [Step] {
    match (shape, fault) {
        (Shape::OneStep, Some(Fault::RecordsTooEarly)) => {
            &[Step::Decide, Step::Copy(First), Step::Record, Step::Copy(Second)]
        }
        (Shape::OneStep, _) => &[Step::Decide, Step::Ask, Step::Copy(First), Step::Copy(Second), Step::Record],
        (Shape::TwoStep, _) => &[Step::Decide, Step::Ask, Step::Stage],
    }
}

/// The commands of the stage that deploys.
pub(super) fn deploy_steps(fault: Option<Fault>) -> &'static [Step] {
    match fault {
        Some(Fault::RecordsTooEarly) => &[Step::Begin, Step::Copy(First), Step::Promote, Step::Copy(Second)],
        Some(Fault::NoBegin) => &[Step::Copy(First), Step::Copy(Second), Step::Promote],
        _ => &[Step::Begin, Step::Copy(First), Step::Copy(Second), Step::Promote],
    }
}
