use activesync::meeting_id::GlobalObjectId;
use activesync::messages::{AttendeeStatus, InstanceType, MeetingMessageType, MeetingRequest};
use activesync::query::Version;
use activesync::zone::Zone;
use bytes::Bytes;

use crate::itip::{Itip, Method};
use crate::pim;

/// Returns the message class of a mail about a meeting.
pub(super) fn meeting_class(itip: &Itip) -> &'static str {
    let attendee = itip.event.attendees.iter().flatten().next();
    let status = attendee.and_then(|attendee| attendee.status);
    match (itip.method, status) {
        (Method::Request, _) => "IPM.Schedule.Meeting.Request",
        (Method::Cancel, _) => "IPM.Schedule.Meeting.Canceled",
        (Method::Counter | Method::Reply, Some(AttendeeStatus::Accepted)) => {
            "IPM.Schedule.Meeting.Resp.Pos"
        }
        (Method::Counter | Method::Reply, Some(AttendeeStatus::Declined)) => {
            "IPM.Schedule.Meeting.Resp.Neg"
        }
        (Method::Counter | Method::Reply, _) => "IPM.Schedule.Meeting.Resp.Tent",
    }
}

/// Returns what a device of `version` is told of the meeting that a mail is about.
pub(super) fn meeting_request(itip: &Itip, version: Version) -> MeetingRequest {
    let event = &itip.event;
    let modern = version >= Version::V16_0;
    let instance_type = match (itip.occurrence, &event.recurrence) {
        (Some(_), _) => InstanceType::Exception,
        (None, Some(_)) => InstanceType::Series,
        (None, None) => InstanceType::Single,
    };
    let message_type = match itip.method {
        Method::Request => MeetingMessageType::Request,
        Method::Cancel | Method::Counter | Method::Reply => MeetingMessageType::Silent,
    };
    let place = event.place.as_deref();
    let name = event.organizer_name.as_deref();
    let address = event.organizer_email.as_deref();
    let organizer = address.map(|address| match name {
        Some(name) => format!("\"{}\" <{address}>", name.replace(['"', '\\'], "'")),
        None => address.to_owned(),
    });
    let uid = event.uid.as_deref().unwrap_or_default();
    let proposed = if itip.method == Method::Counter && version >= Version::V16_1 {
        (event.start, event.end)
    } else {
        (None, None)
    };
    let id = || {
        let start = itip.occurrence.or(event.start).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        let zone = Zone::of_event(event.timezone.as_ref(), start, &pim::ZONE);
        let instance = itip.occurrence.map(|moment| zone.local(moment).date());
        Bytes::from(GlobalObjectId { instance, ..GlobalObjectId::from_uid(uid) }.to_bytes())
    };
    MeetingRequest {
        all_day: event.all_day,
        start: event.start,
        dt_stamp: event.dt_stamp,
        end: event.end,
        instance_type: Some(instance_type),
        location: place.filter(|_| !modern).and_then(|place| place.display_name.clone()),
        place: place.filter(|_| modern).cloned(),
        organizer,
        recurrence_id: itip.occurrence,
        reminder: event.reminder.map(|minutes| minutes.saturating_mul(60)),
        response_requested: Some(event.response_requested != Some(false)),
        recurrences: event.recurrence.clone().map(|mut recurrence| {
            pim::fit_recurrence(&mut recurrence, version);
            vec![recurrence]
        }),
        sensitivity: event.sensitivity,
        busy_status: event.busy_status,
        timezone: event.timezone.clone(),
        global_object_id: (!modern).then(id),
        uid: modern.then(|| uid.to_owned()),
        message_type: (version >= Version::V14_1).then_some(message_type),
        proposed_start: proposed.0,
        proposed_end: proposed.1,
        ..MeetingRequest::default()
    }
}
