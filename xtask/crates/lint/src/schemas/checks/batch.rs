//! Jobs and CronJobs.

use super::super::ViolationKind as Kind;
use super::super::formats;
use super::super::walk::Walk;
use super::{Fields, given, not_negative, object, text};

/// `validateJobSpec` of pkg/apis/batch/validation.
pub(super) fn job<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    not_negative(spec, &["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"], walk);
    let indexed = text(spec, "completionMode") == "Indexed";
    for key in ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"] {
        if given(spec, key) && !indexed {
            walk.say_at(key, Kind::Inconsistent, "needs the completionMode `Indexed`");
        }
    }
    let pod = object(spec, "template").and_then(|template| object(template, "spec"));
    let Some(pod) = pod.filter(|_| !walk.partial) else { return };
    walk.key("template", |walk| {
        walk.key("spec", |walk| match text(pod, "restartPolicy") {
            "" | "Always" => walk.say_at("restartPolicy", Kind::NotAllowed, "must be `Never` or `OnFailure` in a Job"),
            "OnFailure" if given(spec, "podFailurePolicy") => {
                walk.say_at("restartPolicy", Kind::Inconsistent, "must be `Never` beside a podFailurePolicy");
            }
            _ => {}
        });
    });
}

/// `validateCronJobSpec` of pkg/apis/batch/validation.
pub(super) fn cron_job<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    not_negative(spec, &["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"], walk);
    let schedule = text(spec, "schedule");
    if let Some(why) = formats::cron_problem(schedule).filter(|_| spec.get("schedule").is_some_and(|value| value.is_string())) {
        let kind = if schedule.is_empty() { Kind::Empty } else { Kind::Format };
        walk.say_at("schedule", kind, format!("is `{schedule}`, no cron schedule: {why}"));
    }
}
