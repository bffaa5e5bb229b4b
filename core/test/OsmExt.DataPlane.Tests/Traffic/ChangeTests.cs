using System.Net;
using Envoy.Config.Route.V3;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Tests.Mesh;
using OsmExt.Envoy;

namespace OsmExt.DataPlane.Tests.Traffic;

/// <summary>Everything changes while requests come, through two sidecars with mutual TLS: not one may fail.</summary>
public class ChangeTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("OSM_CHANGE_SECONDS"), out var seconds) ? seconds : 4);

    [Fact]
    public async Task Routes_listeners_and_certificates_change_without_a_request_lost()
    {
        await using var mesh = await TestMesh.OfCaseAsync("http-rules");
        mesh["shop/cart"].Serve(80, await TestServer.HttpAsync(context => context.Response.WriteAsync("served")));
        var (curl, cart) = (mesh["client/curl"], mesh["shop/cart"]);
        using var client = curl.Client("10.96.0.1:8080");
        using var stop = new CancellationTokenSource(Duration);
        var served = 0;
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var answer = await client.GetAsync("http://cart.shop:8080/items/1");
                Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                Interlocked.Increment(ref served);
            }
        })));

        for (var change = 0; !load.IsCompleted; change++)
        {
            var pod = change % 2 == 0 ? curl : cart;
            var next = mesh.WithCertificates(pod.Configuration);
            await pod.ApplyAsync(change % 3 == 0 ? next.With(next.Resources.Select(resource => Changed(resource, change))) : next);
            // A client tries a request a few times on connections that are closed, so they must not be closed faster than it asks.
            for (var before = served; served < before + 10 && !load.IsCompleted;)
            {
                await Task.Yield();
            }
        }

        await load;
        Assert.True(served > 100, $"only {served} requests");
    }

    // A header more, or a chain of another name: nothing that decides.
    private static XdsResource Changed(XdsResource resource, int change)
    {
        switch (resource.Message)
        {
            case RouteConfiguration routes:
                var other = routes.Clone();
                other.ResponseHeadersToAdd.Clear();
                other.ResponseHeadersToAdd.Add(new global::Envoy.Config.Core.V3.HeaderValueOption { Header = new() { Key = "x-change", Value = $"{change}" } });
                return XdsResource.Create(other, resource.Name);
            case global::Envoy.Config.Listener.V3.Listener listener:
                var renamed = listener.Clone();
                foreach (var chain in renamed.FilterChains)
                {
                    chain.Metadata ??= new();
                    chain.Metadata.FilterMetadata["change"] = new() { Fields = { ["number"] = Google.Protobuf.WellKnownTypes.Value.ForNumber(change) } };
                }

                return XdsResource.Create(renamed, resource.Name);
            default:
                return resource;
        }
    }
}
