namespace OsmExt.Testing.ApiServer.Tests.Schemas;

public class CustomResourceTests
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Shops = "/apis/example.com/v1/namespaces/default/shops";

    public static string Definition => """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: shops.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: shops, kind: Shop}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}}
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    required: [size]
                    properties:
                      size: {type: integer, minimum: 1}
                      mode: {type: string, default: Open}
                      doors:
                        type: array
                        x-kubernetes-list-type: map
                        x-kubernetes-list-map-keys: [id]
                        items: {type: object, required: [id], properties: {id: {type: integer}, colour: {type: string}}}
                    x-kubernetes-validations: [{rule: "!has(oldSelf.mode) || self.mode == oldSelf.mode", message: mode stays}]
                  status: {type: object, properties: {open: {type: boolean}}}
        """;

    [Fact]
    public async Task Objects_are_pruned_defaulted_and_judged()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = new ApiClient(server);
        (await client.PostAsync(Definitions, Definition)).Expect(201);

        var made = (await client.PostAsync(Shops, Shop("a", "size: 2, sise: 3"))).Expect(201);
        Json.Same(Json.Of("{size: 2, mode: Open}"), made.Body["spec"]);
        Assert.Equal(["299 - \"unknown field \\\"spec.sise\\\"\""], made.Warnings);

        var strict = (await client.PostAsync($"{Shops}?fieldValidation=Strict", Shop("b", "size: 2, sise: 3"))).Expect(400);
        Assert.Equal("Shop in version \"v1\" cannot be handled as a Shop: strict decoding error: unknown field \"spec.sise\"", strict.Message);

        var wrong = (await client.PostAsync(Shops, Shop("b", "size: 0"))).Expect(422);
        Assert.Equal("Shop.example.com \"b\" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1", wrong.Message);
        Json.Same(Json.Of("[{reason: FieldValueInvalid, message: 'Invalid value: 0: spec.size in body should be greater than or equal to 1', field: spec.size}]"), wrong.Body["details"]!["causes"]);

        Assert.Contains("mode stays", (await client.PatchAsync($"{Shops}/a", "spec: {mode: Closed}", "application/merge-patch+json")).Expect(422).Message, StringComparison.Ordinal);
        (await client.PatchAsync($"{Shops}/a", "{\"spec\":{\"size\":5}}", "application/strategic-merge-patch+json")).Expect(415);
    }

    [Fact]
    public async Task Lists_are_applied_by_the_keys_of_the_schema()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = new ApiClient(server);
        (await client.PostAsync(Definitions, Definition)).Expect(201);
        (await Apply("one", "size: 1, doors: [{id: 1, colour: red}]")).Expect(201);
        (await Apply("two", "size: 1, doors: [{id: 2, colour: blue}]")).Expect(200);
        Json.Same(Json.Of("[{id: 1, colour: red}, {id: 2, colour: blue}]"), (await client.GetAsync($"{Shops}/a")).Body["spec"]!["doors"]);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .spec.doors[id=1].colour", (await Apply("two", "size: 1, doors: [{id: 1, colour: blue}]")).Expect(409).Message);
        Json.Same(Json.Of("[{id: 1, colour: red}]"), (await Apply("two", "size: 1")).Expect(200).Body["spec"]!["doors"]);
        (await client.PatchAsync($"{Shops}/a", Shop("a", "size: 1"), "application/apply-patch+yaml")).Expect(422);

        Task<Reply> Apply(string owner, string spec) => client.PatchAsync($"{Shops}/a?fieldManager={owner}", Shop("a", spec), "application/apply-patch+yaml");
    }

    [Fact]
    public async Task A_definition_that_is_not_structural_is_refused()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = new ApiClient(server);
        var reply = (await client.PostAsync(Definitions, Definition.Replace("size: {type: integer, minimum: 1}", "size: {minimum: 1}", StringComparison.Ordinal))).Expect(422);
        Assert.Equal(
            "CustomResourceDefinition.apiextensions.k8s.io \"shops.example.com\" is invalid: spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[size].type: Required value: must not be empty for specified object fields",
            reply.Message);
    }

    private static string Shop(string name, string spec) => $"{{apiVersion: example.com/v1, kind: Shop, metadata: {{name: {name}}}, spec: {{{spec}}}}}";
}
