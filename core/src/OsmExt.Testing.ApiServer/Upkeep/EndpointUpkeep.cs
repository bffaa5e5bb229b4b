using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Upkeep;

/// <summary>Keeps an EndpointSlice for each Service that selects pods.</summary>
internal sealed class EndpointUpkeep(ServerHand hand) : IUpkeep
{
    private static readonly GroupResource Services = new("", "services");
    private static readonly GroupResource Pods = new("", "pods");
    private static readonly GroupResource Slices = new("discovery.k8s.io", "endpointslices");

    public bool Concerns(Change change) => change.Resource == Services || change.Resource == Pods || change.Resource == Slices;

    public async Task ActAsync(StoreState state, CancellationToken stop)
    {
        foreach (var service in state.Of(Services).Values.Where(stored => stored.Object.Object("spec")?.Object("selector") is { Count: > 0 } && !Owned.IsGoing(stored.Object)))
        {
            var slice = Slice(service.Object, state);
            if (state.Find(Slices, new(service.Name.Namespace, slice.Name())) is not { } stored)
            {
                await hand.CreateAsync(slice, stop).ConfigureAwait(false);
            }
            else if (!JsonNode.DeepEquals(stored.Object["endpoints"], slice["endpoints"]) || !JsonNode.DeepEquals(stored.Object["ports"], slice["ports"]))
            {
                await hand.UpdateAsync(stored, value => value.With(("endpoints", slice["endpoints"]), ("ports", slice["ports"])), stop).ConfigureAwait(false);
            }
        }
    }

    private static JsonObject Slice(JsonObject service, StoreState state)
    {
        var selector = new JsonObject { ["matchLabels"] = service.Object("spec")!["selector"]!.DeepClone() };
        var pods = state.Of(Pods).Values.Where(pod => pod.Name.Namespace == service.Namespace() && LabelSelector.Of(selector).Matches(pod.Object)
            && pod.Object.Object("status")?.Text("podIP") is { Length: > 0 } && pod.Object.Object("status")?.Text("phase") == "Running").Select(pod => pod.Object).ToList();
        return new()
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{service.Name()}-{Owned.Hash(service.Uid())[..5]}",
                ["namespace"] = service.Namespace(),
                ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = service.Name(), ["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io" },
                ["ownerReferences"] = Owned.Reference(service),
            },
            ["addressType"] = "IPv4",
            ["endpoints"] = new JsonArray([.. pods.Select(pod => Endpoint(pod, service.Name()))]),
            ["ports"] = new JsonArray([.. service.Object("spec")!.Objects("ports").Select(port => Port(port, pods)).OfType<JsonObject>()]),
        };
    }

    private static JsonObject Endpoint(JsonObject pod, string service)
    {
        // A name of its own in a headless service.
        var hostname = pod.Object("spec")?.Text("subdomain") == service ? pod.Object("spec")?.Text("hostname") : null;
        var (ready, going) = (Owned.IsReady(pod), Owned.IsGoing(pod));
        return new JsonObject
        {
            ["addresses"] = new JsonArray(pod.Object("status")!.Text("podIP")),
            ["conditions"] = new JsonObject { ["ready"] = ready && !going, ["serving"] = ready, ["terminating"] = going },
            ["nodeName"] = pod.Object("spec")?.Text("nodeName"),
            ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["name"] = pod.Name(), ["namespace"] = pod.Namespace(), ["uid"] = pod.Uid() },
        }.With(("hostname", hostname));
    }

    // A target that is a name is looked up in the first pod; pods of one Service that differ in it would need slices of their own.
    private static JsonObject? Port(JsonObject port, IReadOnlyList<JsonObject> pods)
    {
        var target = port["targetPort"].AsText() is { } name
            ? pods.SelectMany(pod => pod.Object("spec")?.Objects("containers") ?? []).SelectMany(container => container.Objects("ports"))
                .FirstOrDefault(known => known.Text("name") == name)?.Number("containerPort")
            : port.Number("targetPort") ?? port.Number("port");
        return target is null ? null : new() { ["name"] = port.Text("name") ?? "", ["port"] = target, ["protocol"] = port.Text("protocol") ?? "TCP" };
    }
}
