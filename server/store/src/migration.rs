//! How the tables came to be, one step after the other. A step that was released is never changed.

mod m0001_first_tables;
mod m0002_blocked_people;
mod m0003_issued_certificates;
mod m0004_next_certificates;
mod m0005_certificate_files;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// All steps, oldest first.
#[derive(Debug)]
pub(crate) struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first_tables::Step),
            Box::new(m0002_blocked_people::Step),
            Box::new(m0003_issued_certificates::Step),
            Box::new(m0004_next_certificates::Step),
            Box::new(m0005_certificate_files::Step),
        ]
    }
}

#[cfg(test)]
mod tests;
