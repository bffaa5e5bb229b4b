using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
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
            var snapshot = ResourceSnapshot.Of(new RandomMesh(seed).Objects());
            var endpoints = EndpointTable.Of(snapshot, Options);
            var index = new MeshIndex(PolicyCompiler.Compile(snapshot, endpoints, Options).Mesh);
            foreach (var proxy in MeshProxies.Of(snapshot, endpoints, Options).All)
            {
                foreach (var separate in new[] { false, true })
                {
                    var scope = proxy.ScopeFor(Capabilities.OfRelease(Capabilities.NewestEnvoy, incremental: separate));
                    foreach (var resource in XdsTranslator.Policy(ScopeView.Of(index, scope)).Resources)
                    {
                        Assert.Empty(EnvoyRules.Check(resource.Message, BootstrapConfig.MaxRegexProgram));
                        Assert.DoesNotContain(TypeUrlUse.In(resource.Message), type => !scope.Capabilities.Offers(type));
                    }
                }
            }
        }
    }

    [Fact]
    public void A_proxy_without_what_one_cluster_needs_gets_none_like_it()
    {
        var generated = new GeneratedMesh(3, Permissive: true);
        var snapshot = ResourceSnapshot.Of(generated.Objects());
        var endpoints = EndpointTable.Of(snapshot, Options);
        var index = new MeshIndex(PolicyCompiler.Compile(snapshot, endpoints, Options).Mesh);
        var offered = Capabilities.OfRelease(Capabilities.NewestEnvoy, incremental: false);
        var lacking = new ProxyCapabilities(offered.Version, offered.TypeUrls.Where(type => !type.EndsWith(".HttpProtocolOptions", StringComparison.Ordinal)));
        var scope = MeshProxies.Of(snapshot, endpoints, Options).All.First().ScopeFor(lacking);

        var translation = XdsTranslator.Policy(ScopeView.Of(index, scope));

        Assert.DoesNotContain(translation.Resources, resource => index.Mesh.Services.Any(service => service.Protocol.IsHttp() && service.Cluster == resource.Name));
        Assert.All(index.Mesh.Services.Where(service => service.Protocol.IsHttp()), service
            => Assert.Contains(translation.Diagnostics, finding => finding.Message.Contains(service.Cluster, StringComparison.Ordinal)));
    }
}
