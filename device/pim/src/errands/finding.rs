//! What searches have in common: ranges, and what their statuses mean.

use activesync::{
    messages::{ByteRange, DecodeError, FindAnswer, FindResponse, SearchAnswer},
    status::{FindStatus, SearchStatus, Status},
};

use super::{ErrandFailure, Refusal, failure::unreadable};
use crate::pace::{self, Trouble};

/// The last result that servers give.
const LAST: u32 = 999;

/// The range of `count` results from `first` on.
pub(super) fn range(first: u32, count: u32) -> Option<ByteRange> {
    let last = first.saturating_add(count.max(1) - 1).min(LAST);
    Some(ByteRange { first: first.min(last).into(), last: last.into() })
}

/// The number of results in all. A server that does not tell it has at least those that came.
pub(super) fn total(told: Option<u32>, range: Option<ByteRange>, offset: u32, count: usize) -> u32 {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let seen = if count == 0 { 0 } else { offset.saturating_add(count) };
    let ranged = range.filter(|_| count > 0).map_or(0, |range| range.last.saturating_add(1));
    told.unwrap_or_else(|| u32::try_from(ranged).unwrap_or(u32::MAX)).max(seen)
}

/// Takes what Search found; nothing if there is nothing so far on.
pub(super) fn searched(
    answer: Result<SearchAnswer, DecodeError>,
) -> Result<Option<SearchAnswer>, Refusal> {
    let answer = answer.map_err(unreadable)?;
    for status in [Some(answer.status), answer.store_status].into_iter().flatten() {
        match search_failure(status)? {
            Verdict::Good => {}
            Verdict::Nothing => return Ok(None),
        }
    }
    Ok(Some(answer))
}

/// Takes what Find found; nothing if it did not search.
pub(super) fn found(
    answer: Result<FindAnswer, DecodeError>,
) -> Result<Option<FindResponse>, Refusal> {
    let answer = answer.map_err(unreadable)?;
    find_failure(answer.status)?;
    if let Some(response) = &answer.response {
        find_failure(response.status)?;
    }
    Ok(answer.response)
}

enum Verdict {
    Good,
    Nothing,
}

fn search_failure(status: Status) -> Result<Verdict, Refusal> {
    let code = format!("status_{}", status.0);
    let failure = match status.search() {
        SearchStatus::Ok => return Ok(Verdict::Good),
        SearchStatus::PastTheEnd | SearchStatus::NotFound => return Ok(Verdict::Nothing),
        SearchStatus::FoldersChanged => return Err(Refusal::TreeStale),
        SearchStatus::AccessDenied | SearchStatus::CredentialsWanted => {
            ErrandFailure::Forbidden(code)
        }
        SearchStatus::TimedOut | SearchStatus::TooComplex => ErrandFailure::TooMuch(code),
        SearchStatus::ProtocolError => ErrandFailure::Refused(code),
        SearchStatus::ServerError | SearchStatus::Undocumented(_) => {
            ErrandFailure::Unreachable(code)
        }
        SearchStatus::Common(common) => return Err(pace::common(status, common).into()),
    };
    Err(Refusal::Failed(failure))
}

fn find_failure(status: Status) -> Result<(), Refusal> {
    let code = format!("status_{}", status.0);
    match status.find() {
        FindStatus::Ok => Ok(()),
        FindStatus::FoldersChanged => Err(Refusal::TreeStale),
        // Search can do the same: a server that does not like this request may like that one.
        FindStatus::ProtocolError | FindStatus::RangeMustStartAtZero => {
            Err(Trouble::BadRequest(code).into())
        }
        FindStatus::Common(common) => Err(pace::common(status, common).into()),
        FindStatus::Undocumented(_) => Err(Refusal::Failed(ErrandFailure::Unreachable(code))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_where_servers_end() {
        let ends = |first, count| range(first, count).map(|range| (range.first, range.last));
        assert_eq!(ends(0, 20), Some((0, 19)));
        assert_eq!(ends(40, 20), Some((40, 59)));
        assert_eq!(ends(990, 20), Some((990, 999)));
        assert_eq!(ends(u32::MAX, 0), Some((999, 999)));
    }

    #[test]
    fn results_are_counted_by_what_is_known() {
        let page = Some(ByteRange { first: 0, last: 4 });
        assert_eq!(total(Some(18), page, 0, 5), 18);
        assert_eq!(total(None, page, 0, 5), 5);
        assert_eq!(total(None, None, 10, 5), 15);
        assert_eq!(total(Some(0), Some(ByteRange { first: 0, last: 0 }), 0, 0), 0);
        assert_eq!(total(Some(3), page, 0, 5), 5);
    }
}
