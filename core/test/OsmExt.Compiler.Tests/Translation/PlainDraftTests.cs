using Envoy.Config.Cluster.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Meshes;

namespace OsmExt.Compiler.Tests.Translation;

/// <summary>Clusters and hosts of services that nothing is written about are looked at once for all of them; that must be as good as looking at each.</summary>
public class PlainDraftTests
{
    private static readonly CompilerOptions Options = new();

    public static TheoryData<string, string, string, bool> Services => new()
    {
        { "shop", "store", "", true },
        { "shop-1", new string('a', 63), "", true },
        { "shop", new string('a', 64), "", false },
        { "shop", "store", "store-0", false },
        { "shop", "Store", "", false },
        { "shop", "store\n", "", false },
        { "shop", "store.a", "", false },
        { "", "store", "", false },
        { "shop", "", "", false },
    };

    [Theory]
    [MemberData(nameof(Services))]
    public void Plain_is_what_no_rule_of_Envoy_minds(string ns, string name, string pod, bool plain)
        => Assert.Equal(plain, HostNames.ArePlain(new(ns, name, pod)));

    [Fact]
    public void Looking_at_each_finds_what_looking_at_one_found()
    {
        foreach (var seed in Enumerable.Range(1, 60))
        {
            var mesh = OfflineMesh.Compile(ResourceSnapshot.Of(new RandomMesh(seed).Objects()), Options);
            foreach (var proxy in mesh.Proxies.All)
            {
                foreach (var separate in new[] { false, true })
                {
                    var offered = Capabilities.OfRelease(Capabilities.NewestEnvoy, incremental: separate);
                    foreach (var resource in mesh.Translate(proxy, offered).Resources)
                    {
                        Assert.Empty(EnvoyRules.Check(resource.Message, BootstrapConfig.MaxRegexProgram));
                        Assert.DoesNotContain(TypeUrlUse.In(resource.Message), type => !offered.Offers(type));
                    }
                }
            }
        }
    }

    [Fact]
    public void A_proxy_without_what_one_cluster_needs_gets_none_like_it()
    {
        var mesh = OfflineMesh.Compile(ResourceSnapshot.Of(new GeneratedMesh(3, Permissive: true).Objects()), Options);
        var services = mesh.Mesh.Services.Where(service => service.Protocol.IsHttp()).ToArray();
        var offered = Capabilities.OfRelease(Capabilities.NewestEnvoy);
        var lacking = new ProxyCapabilities(offered.Version, offered.TypeUrls.Where(type => !type.EndsWith(".HttpProtocolOptions", StringComparison.Ordinal)));

        var translation = mesh.Translate(mesh.Proxies.All.First(), lacking);

        Assert.NotEmpty(services);
        Assert.DoesNotContain(translation.Resources, resource => resource.Message is Cluster && services.Any(service => service.Cluster == resource.Name));
        Assert.All(services, service => Assert.Contains(translation.Diagnostics, finding => finding.Message.Contains(service.Cluster, StringComparison.Ordinal)));
    }
}
