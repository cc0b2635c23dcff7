//! Tables as data, so that both databases get the same ones and the names of unique keys are known.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What a column holds. Neither database gets a default, an enum or a trigger: every row says everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Uuid,
    Text,
    Big,
    Int,
    Flag,
    Json,
    Blob,
}

/// One column; not null unless [`Column::null`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
}

macro_rules! kinds {
    ($($make:ident = $kind:ident),* $(,)?) => {$(
        pub const fn $make(name: &'static str) -> Self { Self { name, kind: Kind::$kind, nullable: false } }
    )*};
}

impl Column {
    kinds! { uuid = Uuid, text = Text, big = Big, int = Int, flag = Flag, json = Json, blob = Blob }

    pub const fn null(mut self) -> Self {
        self.nullable = true;
        self
    }

    fn definition(self, backend: DbBackend) -> ColumnDef {
        let mut def = ColumnDef::new(self.name);
        match self.kind {
            // SQLite has no type for it; "blob" says what really lies in the file (16 bytes).
            Kind::Uuid if backend == DbBackend::Sqlite => def.blob(),
            Kind::Uuid => def.uuid(),
            Kind::Text => def.text(),
            Kind::Big => def.big_integer(),
            Kind::Int => def.integer(),
            Kind::Flag => def.boolean(),
            Kind::Json => def.json_binary(),
            Kind::Blob => def.blob(),
        };
        if self.nullable {
            def.null()
        } else {
            def.not_null()
        };
        def
    }
}

/// An index. Names are unique in the whole database (PostgreSQL asks for it).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Index {
    pub name: &'static str,
    pub columns: &'static [&'static str],
    pub unique: bool,
    /// Only rows that fulfil this; the same words must stand in the query (`Expr::cust`), or SQLite cannot use it.
    pub only: Option<&'static str>,
}

impl Index {
    pub const fn plain(name: &'static str, columns: &'static [&'static str]) -> Self {
        Self { name, columns, unique: false, only: None }
    }

    pub const fn unique(name: &'static str, columns: &'static [&'static str]) -> Self {
        Self { name, columns, unique: true, only: None }
    }

    pub const fn partial(name: &'static str, columns: &'static [&'static str], only: &'static str) -> Self {
        Self { name, columns, unique: false, only: Some(only) }
    }

    async fn create(&self, manager: &SchemaManager<'_>, table: &'static str) -> Result<(), DbErr> {
        let mut make = sea_query::Index::create();
        make.name(self.name).table(table);
        for column in self.columns {
            make.col(*column);
        }
        if self.unique {
            make.unique();
        }
        if let Some(only) = self.only {
            make.and_where(Expr::cust(only));
        }
        manager.create_index(make).await
    }
}

/// A foreign key; `cascade` removes the row with its target, otherwise the target cannot be removed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Foreign {
    pub columns: &'static [&'static str],
    pub table: &'static str,
    pub target: &'static [&'static str],
    pub cascade: bool,
}

/// One table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    pub key: &'static [&'static str],
    pub indexes: &'static [Index],
    pub foreign: &'static [Foreign],
}

impl Table {
    /// Make the table with its indexes.
    pub async fn create(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let mut table = sea_query::Table::create();
        table.table(self.name);
        for column in self.columns {
            table.col(column.definition(backend));
        }
        let mut key = sea_query::Index::create();
        for column in self.key {
            key.col(*column);
        }
        table.primary_key(&mut key);
        for foreign in self.foreign {
            let mut make = ForeignKey::create();
            make.name(format!("{}_{}_fk", self.name, foreign.table))
                .from_tbl(self.name)
                .to_tbl(foreign.table);
            for column in foreign.columns {
                make.from_col(*column);
            }
            for column in foreign.target {
                make.to_col(*column);
            }
            make.on_delete(if foreign.cascade {
                ForeignKeyAction::Cascade
            } else {
                ForeignKeyAction::Restrict
            });
            table.foreign_key(&mut make);
        }
        manager.create_table(table).await?;
        for index in self.indexes {
            index.create(manager, self.name).await?;
        }
        Ok(())
    }
}

/// Make the tables of a step.
pub(crate) async fn create_all(
    manager: &SchemaManager<'_>,
    tables: &'static [&'static [Table]],
) -> Result<(), DbErr> {
    for tables in tables {
        for table in *tables {
            table.create(manager).await?;
        }
    }
    Ok(())
}

/// Add what a step adds to tables of earlier ones.
pub(crate) async fn add_all(manager: &SchemaManager<'_>, additions: &[Addition]) -> Result<(), DbErr> {
    for addition in additions {
        addition.apply(manager).await?;
    }
    Ok(())
}

/// What a later step adds to a table of an earlier one. SQLite adds one column a statement, and only such that
/// may be null.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addition {
    pub table: &'static str,
    pub columns: &'static [Column],
    pub indexes: &'static [Index],
}

impl Addition {
    /// Add the columns, then the indexes.
    async fn apply(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        for column in self.columns {
            let mut alter = sea_query::Table::alter();
            alter.table(self.table).add_column(column.definition(backend));
            manager.alter_table(alter).await?;
        }
        for index in self.indexes {
            index.create(manager, self.table).await?;
        }
        Ok(())
    }
}

/// A column of an earlier step that holds more than its name said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rename {
    pub table: &'static str,
    pub from: &'static str,
    pub to: &'static str,
}

impl Rename {
    /// Rename it; keys and indexes follow.
    pub async fn apply(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let mut alter = sea_query::Table::alter();
        alter.table(self.table).rename_column(self.from, self.to);
        manager.alter_table(alter).await
    }
}

/// What a database has of its own for a purpose that both serve: DDL in its words, run in order. Such tables have no
/// entity; one module of the store knows them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Special {
    pub sqlite: &'static [&'static str],
    pub postgres: &'static [&'static str],
}

impl Special {
    /// Run the database's half.
    pub async fn create(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let statements = match manager.get_database_backend() {
            DbBackend::Sqlite => self.sqlite,
            _ => self.postgres,
        };
        for statement in statements {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
