//! When events take place: the series, and the clocks by which they go.

#[cfg(test)]
mod series;
#[cfg(test)]
mod zones;
