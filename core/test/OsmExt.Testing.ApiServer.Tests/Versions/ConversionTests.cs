using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Tests.Admission;

namespace OsmExt.Testing.ApiServer.Tests.Versions;

public class ConversionTests
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private static string Definition(string conversion) => $$$$$$$$$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: doors.example.com}
        spec:
          group: example.com
          scope: Cluster
          names: {plural: doors, kind: Door}
          conversion: {{{{{{{{{conversion}}}}}}}}}
          versions:
          - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {width: {type: integer}, colour: {type: string, default: red}}}}}}}
          - {name: v2, served: true, storage: false, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {widthInCentimetres: {type: integer}, width: {type: integer}}}}}}}
        """;

    [Fact]
    public async Task Without_a_webhook_only_the_name_of_the_version_changes()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = new ApiClient(server);
        (await client.PostAsync(Definitions, Definition("{strategy: None}"))).Expect(201);
        (await client.PostAsync("/apis/example.com/v2/doors", "{apiVersion: example.com/v2, kind: Door, metadata: {name: a}, spec: {width: 80}}")).Expect(201);
        Json.Same(Json.Of("{width: 80, colour: red}"), (await client.GetAsync("/apis/example.com/v1/doors/a")).Expect(200).Body["spec"]);
        var second = (await client.GetAsync("/apis/example.com/v2/doors/a")).Expect(200);
        Assert.Equal("example.com/v2", second.Body["apiVersion"]!.GetValue<string>());
        Json.Same(Json.Of("{width: 80}"), second.Body["spec"]);
    }

    [Fact]
    public async Task A_webhook_converts_both_ways()
    {
        await using var hook = await WebhookServer.StartAsync(request => new()
        {
            ["result"] = new JsonObject { ["status"] = "Success" },
            ["convertedObjects"] = new JsonArray([.. request["objects"]!.AsArray().Select(value => Converted(value!.DeepClone().AsObject(), request["desiredAPIVersion"]!.GetValue<string>()))]),
        });
        await using var server = await ApiServer.StartAsync(new() { ServiceEndpoint = (_, _, _) => hook.EndPoint });
        using var client = new ApiClient(server);
        (await client.PostAsync(Definitions, Definition($"{{strategy: Webhook, webhook: {{conversionReviewVersions: [v1], clientConfig: {{caBundle: '{hook.CaBundle}', service: {{namespace: default, name: hook, path: /convert}}}}}}}}"))).Expect(201);
        var made = (await client.PostAsync("/apis/example.com/v2/doors", "{apiVersion: example.com/v2, kind: Door, metadata: {name: a}, spec: {widthInCentimetres: 80}}")).Expect(201);
        Json.Same(Json.Of("{widthInCentimetres: 80}"), made.Body["spec"]);
        Json.Same(Json.Of("{width: 80, colour: red}"), (await client.GetAsync("/apis/example.com/v1/doors/a")).Expect(200).Body["spec"]);
        Json.Same(Json.Of("{widthInCentimetres: 80}"), (await client.GetAsync("/apis/example.com/v2/doors")).Expect(200).Body["items"]![0]!["spec"]);
        (await client.PatchAsync("/apis/example.com/v2/doors/a", "{\"spec\":{\"widthInCentimetres\":90}}", "application/merge-patch+json")).Expect(200);
        Json.Same(Json.Of("{width: 90, colour: red}"), (await client.GetAsync("/apis/example.com/v1/doors/a")).Expect(200).Body["spec"]);

        static JsonObject Converted(JsonObject value, string version)
        {
            var spec = value["spec"]!.AsObject();
            var (from, to) = version == "example.com/v2" ? ("width", "widthInCentimetres") : ("widthInCentimetres", "width");
            var width = spec[from]?.DeepClone();
            spec.Remove(from);
            spec[to] = width;
            value["apiVersion"] = version;
            return value;
        }
    }

    [Fact]
    public async Task A_webhook_that_cannot_convert_is_told_of()
    {
        await using var hook = await WebhookServer.StartAsync(_ => Json.Object("{result: {status: Failure, message: no way}}"));
        await using var server = await ApiServer.StartAsync(new() { ServiceEndpoint = (_, _, _) => hook.EndPoint });
        using var client = new ApiClient(server);
        (await client.PostAsync(Definitions, Definition($"{{strategy: Webhook, webhook: {{conversionReviewVersions: [v1], clientConfig: {{caBundle: '{hook.CaBundle}', service: {{namespace: default, name: hook}}}}}}}}"))).Expect(201);
        Assert.Equal("Internal error occurred: conversion webhook for example.com/v2, Kind=Door failed: no way",
            (await client.PostAsync("/apis/example.com/v2/doors", "{apiVersion: example.com/v2, kind: Door, metadata: {name: a}, spec: {width: 80}}")).Expect(500).Message);
    }
}
