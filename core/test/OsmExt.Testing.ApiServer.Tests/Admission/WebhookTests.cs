using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Tests.Admission;

public class WebhookTests
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    private static ApiServerOptions To(WebhookServer hook) => new()
    {
        ServiceEndpoint = (space, name, port) => (space, name, port) == ("default", "hook", 443) ? hook.EndPoint : null,
    };

    private static string Pod(string name, string labels = "") => $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, labels: {{{labels}}}}}, spec: {{containers: [{{name: main, image: x}}]}}}}";

    private static string Configuration(string kind, WebhookServer hook, string more = "", string name = "hooks") => $$$"""
        apiVersion: admissionregistration.k8s.io/v1
        kind: {{{kind}}}WebhookConfiguration
        metadata: {name: {{{name}}}}
        webhooks:
        - {name: pods.example.com, admissionReviewVersions: [v1], sideEffects: None, clientConfig: {caBundle: '{{{hook.CaBundle}}}', service: {name: hook, namespace: default, path: /pods}},
           rules: [{operations: [CREATE, UPDATE, DELETE], apiGroups: [''], apiVersions: [v1], resources: [pods]}]{{{(more.Length > 0 ? $", {more}" : "")}}}}
        """;

    private static async Task<Reply> ConfigureAsync(ApiClient client, string kind, WebhookServer hook, string more = "", string name = "hooks")
        => (await client.PostAsync($"/apis/admissionregistration.k8s.io/v1/{kind.ToLowerInvariant()}webhookconfigurations", Configuration(kind, hook, more, name))).Expect(201);

    [Fact]
    public async Task A_mutating_webhook_changes_what_is_stored()
    {
        await using var hook = await WebhookServer.StartAsync(_ =>
        {
            var answer = WebhookServer.Allowed("""[{"op":"add","path":"/spec/containers/-","value":{"name":"envoy","image":"envoy:1"}}]""");
            answer["warnings"] = new JsonArray("a sidecar comes with it");
            return answer;
        });
        await using var server = await ApiServer.StartAsync(To(hook));
        using var client = new ApiClient(server);
        await ConfigureAsync(client, "Mutating", hook);
        var made = (await client.PostAsync(Pods, Pod("a"))).Expect(201);
        Assert.Equal(["main", "envoy"], made.Body["spec"]!["containers"]!.AsArray().Select(container => container!["name"]!.GetValue<string>()));
        Assert.Equal(["299 - \"a sidecar comes with it\""], made.Warnings);

        // Defaults come after webhooks, too.
        Assert.Equal("File", made.Body["spec"]!["containers"]![1]!["terminationMessagePolicy"]!.GetValue<string>());
        var request = hook.Asked.First()["request"]!.AsObject();
        Assert.Equal("CREATE", request["operation"]!.GetValue<string>());
        Assert.Equal("default", request["namespace"]!.GetValue<string>());
        Assert.Equal("admin", request["userInfo"]!["username"]!.GetValue<string>());
        Json.Same(Json.Of("{group: '', version: v1, resource: pods}"), request["resource"]);
        Assert.False(request["dryRun"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Who_applies_is_not_in_conflict_with_webhooks()
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allowed("""[{"op":"replace","path":"/spec/containers/0/image","value":"mirror/x"}]"""));
        await using var server = await ApiServer.StartAsync(To(hook));
        using var client = new ApiClient(server);
        await ConfigureAsync(client, "Mutating", hook);
        (await Apply()).Expect(201);
        var again = (await Apply()).Expect(200);
        Assert.Equal("mirror/x", again.Body["spec"]!["containers"]![0]!["image"]!.GetValue<string>());
        Assert.Equal("helm", Assert.Single(again.Body["metadata"]!["managedFields"]!.AsArray())!["manager"]!.GetValue<string>());

        Task<Reply> Apply() => client.PatchAsync($"{Pods}/a?fieldManager=helm", Pod("a"), "application/apply-patch+yaml");
    }

    [Fact]
    public async Task A_validating_webhook_refuses()
    {
        await using var hook = await WebhookServer.StartAsync(_ => Json.Object("{allowed: false, status: {code: 400, message: not on my watch}}"));
        await using var server = await ApiServer.StartAsync(To(hook));
        using var client = new ApiClient(server);
        await ConfigureAsync(client, "Validating", hook);
        Assert.Equal("admission webhook \"pods.example.com\" denied the request: not on my watch", (await client.PostAsync(Pods, Pod("a"))).Expect(400).Message);
        (await client.GetAsync($"{Pods}/a")).Expect(404);
    }

    [Fact]
    public async Task Deletions_are_asked_about_too()
    {
        await using var hook = await WebhookServer.StartAsync(request => request["operation"]!.GetValue<string>() == "DELETE" ? new() { ["allowed"] = false } : WebhookServer.Allowed());
        await using var server = await ApiServer.StartAsync(To(hook));
        using var client = new ApiClient(server);
        await ConfigureAsync(client, "Validating", hook);
        (await client.PostAsync(Pods, Pod("a"))).Expect(201);
        Assert.Equal("admission webhook \"pods.example.com\" denied the request without explanation", (await client.SendAsync(HttpMethod.Delete, $"{Pods}/a")).Expect(403).Message);
        Assert.Equal("a", hook.Asked.Last()["request"]!["oldObject"]!["metadata"]!["name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("objectSelector: {matchLabels: {app: web}}", "app: web", 1)]
    [InlineData("objectSelector: {matchLabels: {app: web}}", "app: other", 0)]
    [InlineData("namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: default}}", "", 1)]
    [InlineData("namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [default]}]}", "", 0)]
    [InlineData("matchConditions: [{name: web, expression: \"object.metadata.labels.app == 'web'\"}]", "app: web", 1)]
    [InlineData("matchConditions: [{name: web, expression: \"object.metadata.labels.app == 'web'\"}, {name: not-admin, expression: \"request.userInfo.username != 'admin'\"}]", "app: web", 0)]
    public async Task Selectors_and_conditions_say_who_is_asked(string selector, string labels, int asked)
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allowed());
        await using var server = await ApiServer.StartAsync(To(hook));
        using var client = new ApiClient(server);
        await ConfigureAsync(client, "Mutating", hook, selector);
        (await client.PostAsync(Pods, Pod("a", labels))).Expect(201);
        Assert.Equal(asked, hook.Asked.Count);
    }

    [Fact]
    public async Task A_webhook_that_is_away_stops_writes_only_where_it_should()
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allowed());
        await using var server = await ApiServer.StartAsync(To(hook));
        using var client = new ApiClient(server);
        await ConfigureAsync(client, "Mutating", hook, "failurePolicy: Ignore", "lenient");
        await hook.DisposeAsync();
        (await client.PostAsync(Pods, Pod("a"))).Expect(201);
        await ConfigureAsync(client, "Mutating", hook, "failurePolicy: Fail", "strict");
        Assert.StartsWith("Internal error occurred: failed calling webhook \"pods.example.com\": failed to call webhook: Post \"https://hook.default.svc/pods?timeout=10s\": ", (await client.PostAsync(Pods, Pod("b"))).Expect(500).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_with_another_certificate_is_not_believed()
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allowed());
        await using var other = await WebhookServer.StartAsync(_ => WebhookServer.Allowed());
        await using var server = await ApiServer.StartAsync(To(other));
        using var client = new ApiClient(server);
        await ConfigureAsync(client, "Mutating", hook);
        (await client.PostAsync(Pods, Pod("a"))).Expect(500);
        Assert.Empty(other.Asked);
    }

    [Fact]
    public async Task A_webhook_that_is_too_late_counts_as_away()
    {
        using var never = new ManualResetEventSlim();
        await using var hook = await WebhookServer.StartAsync(_ =>
        {
            never.Wait();
            return WebhookServer.Allowed();
        });
        await using var server = await ApiServer.StartAsync(To(hook));
        using var client = new ApiClient(server);
        await ConfigureAsync(client, "Mutating", hook, "timeoutSeconds: 1");
        Assert.EndsWith("?timeout=1s\": context deadline exceeded", (await client.PostAsync(Pods, Pod("a"))).Expect(500).Message, StringComparison.Ordinal);
        never.Set();
    }

    [Fact]
    public async Task Whoever_wants_to_see_later_changes_is_asked_again()
    {
        await using var hook = await WebhookServer.StartAsync(request =>
            WebhookServer.Allowed($$$"""[{"op":"add","path":"/metadata/labels","value":{"seen":"{{{request["object"]!["metadata"]!["labels"]?["seen"]?.GetValue<string>()}}}x"}}]"""));
        await using var server = await ApiServer.StartAsync(To(hook));
        using var client = new ApiClient(server);
        await ConfigureAsync(client, "Mutating", hook, "reinvocationPolicy: IfNeeded", "a");
        await ConfigureAsync(client, "Mutating", hook, "", "b");
        Assert.Equal("xxx", (await client.PostAsync(Pods, Pod("a"))).Expect(201).Body["metadata"]!["labels"]!["seen"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_dry_run_asks_only_those_without_side_effects()
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allowed());
        await using var server = await ApiServer.StartAsync(To(hook));
        using var client = new ApiClient(server);
        await ConfigureAsync(client, "Mutating", hook);
        (await client.PostAsync($"{Pods}?dryRun=All", Pod("a"))).Expect(201);
        Assert.True(hook.Asked.Single()["request"]!["dryRun"]!.GetValue<bool>());
        (await client.PatchAsync("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/hooks", """[{"op":"replace","path":"/webhooks/0/sideEffects","value":"Some"}]""", "application/json-patch+json")).Expect(200);
        Assert.Equal("admission webhook \"pods.example.com\" does not support dry run", (await client.PostAsync($"{Pods}?dryRun=All", Pod("a"))).Expect(400).Message);
    }
}
