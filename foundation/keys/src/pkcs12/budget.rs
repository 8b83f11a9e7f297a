use super::OpenError;

/// How many rounds of hashing may still be spent on a file.
pub(super) struct Budget {
    limit: u64,
    spent: u64,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, spent: 0 }
    }

    /// Books `iterations`, once for each of the `blocks` that a derivation fills, before it is run.
    pub(super) fn spend(&mut self, iterations: u64, blocks: usize) -> Result<(), OpenError> {
        let blocks = u64::try_from(blocks).unwrap_or(u64::MAX);
        self.spent = self.spent.saturating_add(iterations.saturating_mul(blocks));
        if self.spent > self.limit {
            return Err(OpenError::TooExpensive { iterations: self.spent, limit: self.limit });
        }

        Ok(())
    }
}
