using System.Text.Json.Nodes;
using CsCheck;
using OsmExt.Testing.ApiServer.Apply;
using OsmExt.Testing.ApiServer.Structures;

namespace OsmExt.Testing.ApiServer.Tests.Apply;

public class ServerSideApplyTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Structure Deployments = BuiltInStructures.Of("apps/Deployment");

    private static JsonObject Apply(JsonObject? live, string part, string owner, bool force = false)
        => ServerSideApply.Apply(live, Json.Object(part), Deployments, new(owner, true, "apps/v1"), force, Noon);

    private static JsonObject Update(JsonObject? live, JsonObject written, string owner)
        => ServerSideApply.Update(live, written, Deployments, new(owner, false, "apps/v1"), Noon);

    private static string Fields(JsonObject value, string owner)
        => value["metadata"]!["managedFields"]!.AsArray().SingleOrDefault(entry => entry!["manager"]!.GetValue<string>() == owner)?["fieldsV1"]!.ToJsonString() ?? "";

    [Fact]
    public void Fields_are_written_as_Kubernetes_writes_them()
    {
        var value = Apply(null, """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, labels: {app: web}, finalizers: [a/b], ownerReferences: [{uid: u, name: n}]}
            spec:
              selector: {matchLabels: {app: web}}
              template: {spec: {containers: [{name: main, args: [x], ports: [{containerPort: 80}], resources: {}}]}}
            """, "me");
        Json.Same(Json.Of("""
            - manager: me
              operation: Apply
              apiVersion: apps/v1
              time: '2026-01-01T12:00:00Z'
              fieldsType: FieldsV1
              fieldsV1:
                f:metadata: {f:labels: {f:app: {}}, f:finalizers: {'v:"a/b"': {}}, f:ownerReferences: {'k:{"uid":"u"}': {}}}
                f:spec:
                  f:selector: {}
                  f:template: {f:spec: {f:containers: {'k:{"name":"main"}': {.: {}, f:name: {}, f:args: {}, f:resources: {}, f:ports: {'k:{"containerPort":80,"protocol":"TCP"}': {.: {}, f:containerPort: {}}}}}}}
            """), value["metadata"]!["managedFields"]);
    }

    [Fact]
    public void What_is_not_applied_any_more_goes()
    {
        var value = Apply(null, "{metadata: {name: web, labels: {a: '1', b: '2'}}, spec: {replicas: 1, template: {spec: {containers: [{name: one}, {name: two}]}}}}", "me");
        value = Apply(value, "{metadata: {name: web, labels: {a: '1'}}, spec: {template: {spec: {containers: [{name: two, image: x}]}}}}", "me");
        Json.Same(Json.Of("{name: web, labels: {a: '1'}}"), Bare(value)["metadata"]);
        Json.Same(Json.Of("{template: {spec: {containers: [{name: two, image: x}]}}}"), value["spec"]);
    }

    [Fact]
    public void What_somebody_else_applies_too_stays()
    {
        var value = Apply(Apply(null, "{metadata: {name: web}, spec: {replicas: 1}}", "me"), "{metadata: {name: web}, spec: {replicas: 1}}", "you");
        value = Apply(value, "{metadata: {name: web}}", "me");
        Assert.Equal("""{"replicas":1}""", value["spec"]!.ToJsonString());
        Assert.Equal("""{"f:spec":{"f:replicas":{}}}""", Fields(value, "you"));
    }

    [Fact]
    public void An_item_stays_while_somebody_owns_a_part_of_it()
    {
        var value = Apply(null, "{metadata: {name: web}, spec: {template: {spec: {containers: [{name: one, image: x}, {name: two, image: y}]}}}}", "me");
        var written = Bare(value);
        written["spec"]!["template"]!["spec"]!["containers"]![0]!["stdin"] = true;
        value = Apply(Update(value, written, "you"), "{metadata: {name: web}}", "me");
        Json.Same(Json.Of("[{name: one, stdin: true}]"), value["spec"]!["template"]!["spec"]!["containers"]);
    }

    [Fact]
    public void A_field_of_somebody_else_is_a_conflict()
    {
        var value = Update(null, Json.Object("{apiVersion: apps/v1, metadata: {name: web}, spec: {replicas: 1}}"), "kubectl-create");
        var refusal = Assert.Throws<Refusal>(() => Apply(value, "{metadata: {name: web}, spec: {replicas: 2}}", "me"));
        Assert.Equal(409, refusal.Code);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"kubectl-create\" using apps/v1 at 2026-01-01T12:00:00Z: .spec.replicas", refusal.Message);
        Assert.Equal(new Cause("FieldManagerConflict", "conflict with \"kubectl-create\" using apps/v1 at 2026-01-01T12:00:00Z", ".spec.replicas"), Assert.Single(refusal.Causes));
    }

    [Fact]
    public void Several_conflicts_are_told_by_owner()
    {
        var value = Apply(null, "{metadata: {name: web}, spec: {replicas: 1, template: {spec: {containers: [{name: main, image: x}]}}}}", "helm");
        var refusal = Assert.Throws<Refusal>(() => Apply(value, "{metadata: {name: web}, spec: {replicas: 2, template: {spec: {containers: [{name: main, image: y}]}}}}", "me"));
        Assert.Equal("Apply failed with 2 conflicts: conflicts with \"helm\":\n- .spec.replicas\n- .spec.template.spec.containers[name=\"main\"].image", refusal.Message);
    }

    [Fact]
    public void The_same_value_is_owned_together_and_force_takes()
    {
        var value = Apply(Apply(null, "{metadata: {name: web}, spec: {replicas: 1}}", "you"), "{metadata: {name: web}, spec: {replicas: 1}}", "me");
        Assert.NotEmpty(Fields(value, "you"));
        value = Apply(value, "{metadata: {name: web}, spec: {replicas: 2}}", "me", force: true);
        Assert.Empty(Fields(value, "you"));
        Assert.Equal("""{"f:spec":{"f:replicas":{}}}""", Fields(value, "me"));
    }

    [Fact]
    public void Who_updates_owns_what_it_changes()
    {
        var value = Apply(null, "{metadata: {name: web}, spec: {replicas: 1, paused: true}}", "me");
        var written = Bare(value);
        written["spec"]!["replicas"] = 3;
        value = Update(value, written, "kubectl-scale");
        Assert.Equal("""{"f:spec":{"f:paused":{}}}""", Fields(value, "me"));
        Assert.Equal("""{"f:spec":{"f:replicas":{}}}""", Fields(value, "kubectl-scale"));
    }

    [Fact]
    public void An_empty_entry_forgets_all_owners()
    {
        var value = Apply(null, "{metadata: {name: web}, spec: {replicas: 1}}", "me");
        var written = value.DeepClone().AsObject();
        written["metadata"]!["managedFields"] = new JsonArray(new JsonObject());
        Assert.False(Update(value, written, "x")["metadata"]!.AsObject().ContainsKey("managedFields"));
    }

    [Fact]
    public void An_object_from_before_has_an_owner_of_its_own()
    {
        var refusal = Assert.Throws<Refusal>(() => Apply(Json.Object("{metadata: {name: web}, spec: {replicas: 1}}"), "{metadata: {name: web}, spec: {replicas: 2}}", "me"));
        Assert.Contains("conflict with \"before-first-apply\" using apps/v1: .spec.replicas", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_item_without_its_key_is_refused()
        => Assert.Contains("omits key field \"name\"", Assert.Throws<Refusal>(() => Apply(null, "{spec: {template: {spec: {containers: [{image: x}]}}}}", "me")).Message, StringComparison.Ordinal);

    [Fact]
    public void Applying_the_same_again_changes_nothing()
    {
        var value = Apply(null, "{metadata: {name: web}, spec: {replicas: 1, template: {spec: {containers: [{name: a}]}}}}", "me");
        var again = ServerSideApply.Apply(value, Json.Object("{metadata: {name: web}, spec: {replicas: 1, template: {spec: {containers: [{name: a}]}}}}"), Deployments, new("me", true, "apps/v1"), false, Noon.AddHours(1));
        Json.Same(value, again);
    }

    // Each owner has labels and containers of its own; whoever comes first, the end is the same but for the order.
    [Fact]
    public void Owners_of_different_fields_may_come_in_any_order()
    {
        var parts = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 9]).Array[1, 4];
        Gen.Select(parts, Gen.Int[0, 1000]).Sample((some, seed) =>
        {
            var all = some.Select((part, index) => (Owner: $"owner{index}", Part: Part(index, part.Item1, part.Item2, part.Item3))).ToArray();
            var shuffled = all.ToArray();
            new Random(seed).Shuffle(shuffled);
            var (one, other) = (End(all), End(shuffled));
            return Sorted(one) == Sorted(other) && all.All(owner => Fields(one, owner.Owner) == Fields(other, owner.Owner));
        });

        static JsonObject End(IEnumerable<(string Owner, string Part)> parts) => parts.Aggregate((JsonObject?)null, (live, part) => Apply(live, part.Part, part.Owner))!;
        static string Part(int owner, int labels, int containers, int value) => $$"""
            {metadata: {name: web, labels: {{{string.Join(", ", Enumerable.Range(0, labels).Select(index => $"o{owner}-{index}: v{value}"))}}} },
            spec: {template: {spec: {containers: [{{string.Join(", ", Enumerable.Range(0, containers).Select(index => $"{{name: o{owner}-{index}, image: v{value}}}"))}}] } } } }
            """;
        static string Sorted(JsonNode? node) => node switch
        {
            JsonObject map => $"{{{string.Join(',', map.Where(field => field.Key != "managedFields").OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => field.Key + Sorted(field.Value)))}}}",
            JsonArray list => $"[{string.Join(',', list.Select(Sorted).Order(StringComparer.Ordinal))}]",
            _ => node?.ToJsonString() ?? "",
        };
    }

    private static JsonObject Bare(JsonObject value)
    {
        var result = value.DeepClone().AsObject();
        result["metadata"]!.AsObject().Remove("managedFields");
        return result;
    }
}
