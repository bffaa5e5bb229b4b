using Envoy.Config.Core.V3;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OsmExt.Envoy;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.Hostile;

/// <summary>What fails inside is nothing for clients to know.</summary>
public sealed class FailureTests
{
    [Fact]
    public async Task A_failure_inside_tells_a_client_nothing_of_what_it_was_about()
    {
        await using var server = await XdsTestServer.StartAsync(customize: services => services.AddSingleton<IXdsClientAuthorizer>(new Failing()));
        await using var client = server.Connect("p");
        await using var stream = client.OpenDelta();
        await stream.SubscribeAsync(TypeUrls.Cluster, "*");
        var status = await stream.Ended.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(StatusCode.Unknown, status.StatusCode);
        Assert.DoesNotContain("tenant-b", status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception:", status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(" at ", status.Detail, StringComparison.Ordinal);
    }

    private sealed class Failing : IXdsClientAuthorizer
    {
        public ValueTask<ClientDecision> AuthorizeAsync(HttpContext connection, Node node, XdsVariant variant, CancellationToken cancellationToken)
            => throw new InvalidOperationException("the secret of tenant-b/payments at /var/lib/osm is hunter2");
    }
}
