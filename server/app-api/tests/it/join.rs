use crate::company::Company;

#[tokio::test]
async fn the_page_is_for_people() {
    let company = Company::new().await;

    let page = company.connect(1, None).get("/join").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("lang=\"en\"") && page.body.contains("lang=\"de\""));
}

#[tokio::test]
async fn other_paths_are_closed() {
    let company = Company::new().await;
    let line = company.connect(1, None);

    for path in ["/", "/app/v1/", "/app/v1/devices", "/join/"] {
        assert_eq!(line.get(path).await.code(), (404, "not_found".into()), "{path}");
    }
    let wrong = line.get("/app/v1/registration/start").await;
    assert_eq!(wrong.code(), (405, "method_not_allowed".into()));
}
