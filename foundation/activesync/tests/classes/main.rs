//! Items of every class: on the wire, between versions, and as changes of one another.

#[cfg(test)]
mod calendar;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod wire;
