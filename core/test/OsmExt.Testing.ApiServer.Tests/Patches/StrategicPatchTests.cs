using System.Text.Json.Nodes;
using CsCheck;
using OsmExt.Testing.ApiServer.Patches;
using OsmExt.Testing.ApiServer.Structures;

namespace OsmExt.Testing.ApiServer.Tests.Patches;

public class StrategicPatchTests
{
    private static readonly JsonObject Deployment = Json.Object("""
        metadata: {name: web, finalizers: [a, b]}
        spec:
          replicas: 1
          strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}
          template:
            metadata: {labels: {app: web}}
            spec:
              nodeSelector: {disk: ssd}
              containers:
              - {name: main, image: 'main:1', args: [a, b], ports: [{containerPort: 80, name: http}], env: [{name: A, value: '1'}, {name: B, value: '2'}]}
              - {name: helper, image: 'helper:1'}
              tolerations: [{key: a}]
        """);

    [Theory]
    [InlineData("A container is found by its name", "spec: {template: {spec: {containers: [{name: helper, image: 'helper:2'}]}}}", "$.spec.template.spec.containers[1]", "{name: helper, image: 'helper:2'}")]
    [InlineData("A new one comes last", "spec: {template: {spec: {containers: [{name: third, image: x}]}}}", "$.spec.template.spec.containers[2]", "{name: third, image: x}")]
    [InlineData("Below it, lists have keys of their own", "spec: {template: {spec: {containers: [{name: main, env: [{name: B, value: '3'}, {name: A, $patch: delete}]}]}}}", "$.spec.template.spec.containers[0].env", "[{name: B, value: '3'}]")]
    [InlineData("A list without key is one value", "spec: {template: {spec: {containers: [{name: main, args: [c]}]}}}", "$.spec.template.spec.containers[0].args", "[c]")]
    [InlineData("Ports are found by their number", "spec: {template: {spec: {containers: [{name: main, ports: [{containerPort: 80, name: web}, {containerPort: 81}]}]}}}", "$.spec.template.spec.containers[0].ports", "[{containerPort: 80, name: web}, {containerPort: 81}]")]
    [InlineData("A list is replaced", "spec: {template: {spec: {containers: [{name: only, image: x}, {$patch: replace}]}}}", "$.spec.template.spec.containers", "[{name: only, image: x}]")]
    [InlineData("A mapping is replaced", "spec: {template: {spec: {nodeSelector: {$patch: replace, zone: a}}}}", "$.spec.template.spec.nodeSelector", "{zone: a}")]
    [InlineData("Null removes", "spec: {template: {spec: {nodeSelector: null}}}", "$.spec.template.spec.nodeSelector", "null")]
    [InlineData("Values are added", "metadata: {finalizers: [c, a]}", "$.metadata.finalizers", "[a, b, c]")]
    [InlineData("Values are taken out", "metadata: {$deleteFromPrimitiveList/finalizers: [a]}", "$.metadata.finalizers", "[b]")]
    [InlineData("Other keys go", "spec: {strategy: {$retainKeys: [type], type: Recreate}}", "$.spec.strategy", "{type: Recreate}")]
    [InlineData("Items come in the order that is wanted", "spec: {template: {spec: {$setElementOrder/containers: [{name: helper}, {name: main}]}}}", "$.spec.template.spec.containers[0]", "{name: helper, image: 'helper:1'}")]
    [InlineData("Values come in the order that is wanted", "metadata: {$setElementOrder/finalizers: [c, b, a], finalizers: [c]}", "$.metadata.finalizers", "[c, b, a]")]
    [InlineData("What is not named stays where it was", "metadata: {$setElementOrder/finalizers: [b, c], finalizers: [c]}", "$.metadata.finalizers", "[a, b, c]")]
    [InlineData("New values are without directives", "spec: {template: {spec: {volumes: [{name: v, emptyDir: {}}, {name: w, $patch: delete}], $setElementOrder/volumes: [{name: v}]}}}", "$.spec.template.spec.volumes", "[{name: v, emptyDir: {}}]")]
    public void Directives_are_carried_out(string because, string patch, string at, string expected)
    {
        var before = Deployment.ToJsonString();
        var result = StrategicPatch.Apply(Deployment, Json.Object(patch), BuiltInStructures.Of("apps/Deployment"));
        var value = at[2..].Split('.').Aggregate((JsonNode?)result, (node, part) => part.Split('[', ']') is [var name, var index, _] ? node![name]![int.Parse(index, null)] : node![part]);
        Assert.True(JsonNode.DeepEquals(Json.Of(expected), value), $"{because}: {value?.ToJsonString()}");
        Assert.Equal(before, Deployment.ToJsonString());
    }

    [Theory]
    [InlineData("spec: {template: {spec: {containers: [{image: x}]}}}", "does not contain declared merge key: name")]
    [InlineData("spec: {strategy: {$retainKeys: [type], rollingUpdate: {}}}", "rollingUpdate is not among them")]
    [InlineData("spec: {$patch: sing}", "Unknown patch type: sing")]
    public void What_does_not_fit_is_refused(string patch, string message)
        => Assert.Contains(message, Assert.Throws<Refusal>(() => StrategicPatch.Apply(Deployment, Json.Object(patch), BuiltInStructures.Of("apps/Deployment"))).Message, StringComparison.Ordinal);

    // As kubectl makes patches: what somebody else added stays, what the last configuration had and the new one has not goes.
    [Fact]
    public void A_patch_from_three_sides_leads_to_the_wanted_object()
    {
        var names = Gen.Int[0, 4].Select(index => "abcde"[index].ToString());
        var item = Gen.Select(names, Gen.Int[0, 3]);
        var items = item.Array[0, 5].Select(some => some.DistinctBy(one => one.Item1).ToArray());
        Gen.Select(items, items, items).Sample((last, wanted, added) =>
        {
            var strangers = added.Where(one => !last.Concat(wanted).Any(other => other.Item1 == one.Item1)).ToArray();
            var live = Pod([.. last, .. strangers]);
            var result = StrategicPatch.Apply(live, ThreeWay(last, wanted, [.. last, .. strangers]), BuiltInStructures.Of("Pod"));
            var containers = result["spec"]!["containers"]!.AsArray().Select(container => (container!["name"]!.GetValue<string>(), container["port"]!.GetValue<int>())).ToArray();
            return containers.Order().SequenceEqual(wanted.Concat(strangers).Order())
                && containers.Where(one => wanted.Contains(one)).SequenceEqual(wanted)
                && JsonNode.DeepEquals(live, Pod([.. last, .. strangers]));
        });
    }

    private static JsonObject Pod((string Name, int Port)[] containers) => new()
    {
        ["spec"] = new JsonObject { ["containers"] = new JsonArray([.. containers.Select(one => new JsonObject { ["name"] = one.Name, ["port"] = one.Port })]) },
    };

    private static JsonObject ThreeWay((string Name, int Port)[] last, (string Name, int Port)[] wanted, (string Name, int Port)[] live)
    {
        var changed = wanted.Where(one => !live.Contains(one)).Select(one => new JsonObject { ["name"] = one.Name, ["port"] = one.Port });
        var gone = last.Where(one => !wanted.Any(other => other.Name == one.Name)).Select(one => new JsonObject { ["name"] = one.Name, ["$patch"] = "delete" });
        return new()
        {
            ["spec"] = new JsonObject
            {
                ["$setElementOrder/containers"] = new JsonArray([.. wanted.Select(one => new JsonObject { ["name"] = one.Name })]),
                ["containers"] = new JsonArray([.. changed, .. gone]),
            },
        };
    }
}
