//! Searching for words in columns that hold texts in the form in which searches compare them.

use fleet::list::{search_form, search_words};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, IntoCondition, LikeExpr};
use sea_orm::{ColumnTrait, Condition};

/// Puts texts together for a search column.
pub(crate) fn searchable<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut column = String::new();
    for text in texts {
        column.push_str(&search_form(text));
        column.push('\n');
    }

    column
}

/// Demands that each word of `search` meets a condition.
pub(crate) fn each_word<C: IntoCondition>(
    search: &str,
    condition: impl Fn(&str) -> C,
) -> Condition {
    search_words(search)
        .iter()
        .fold(Condition::all(), |all, word| all.add(condition(word).into_condition()))
}

/// Demands that `column` contains `word`, in which nothing has a special meaning.
pub(crate) fn contains(column: impl ColumnTrait, word: &str) -> Condition {
    Condition::all().add(column.like(like(word)))
}

/// Demands that a column which holds texts as they are contains `word`, in whatever case.
pub(crate) fn contains_in_any_case(column: impl ColumnTrait, word: &str) -> Condition {
    let text = Expr::expr(Func::lower(column.into_expr()));

    Condition::all().add(text.like(like(&word.to_lowercase())))
}

fn like(word: &str) -> LikeExpr {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');

    LikeExpr::new(pattern).escape('\\')
}
