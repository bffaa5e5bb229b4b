using Envoy.Config.Route.V3;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Meshes;

namespace OsmExt.Compiler.Tests;

public class PropertyTests
{
    private const int Meshes = 150;
    private static readonly CompilerOptions Options = new();

    public static IEnumerable<int> Seeds => Enumerable.Range(1, Meshes);

    [Fact]
    public void The_order_objects_are_read_in_changes_no_byte()
    {
        foreach (var seed in Seeds)
        {
            var mesh = new RandomMesh(seed);
            var objects = mesh.Objects();
            Assert.Equal(Text(ResourceSnapshot.Of(objects)), Text(ResourceSnapshot.Of(mesh.Shuffle(objects))));
        }
    }

    [Fact]
    public void Changing_objects_one_by_one_gives_what_all_at_once_gives()
    {
        foreach (var seed in Seeds)
        {
            var mesh = new RandomMesh(seed);
            var snapshot = ResourceSnapshot.Of(mesh.Objects());
            var endpoints = EndpointTable.Of(snapshot, Options);
            PolicyMemo? memo = null;
            for (var step = 0; step < 15; step++)
            {
                snapshot = snapshot.Apply(new([mesh.Change()], [], true, 0), out var differences);
                endpoints = differences.Any(difference => difference.Key.Kind == nameof(Namespace))
                    ? EndpointTable.Of(snapshot, Options)
                    : endpoints.Update(snapshot, MonitoredNamespaces.Of(snapshot, Options), differences, out _);
                var incremental = PolicyCompiler.Compile(snapshot, endpoints, Options, memo);
                memo = incremental.Memo;

                var full = EndpointTable.Of(snapshot, Options);
                Assert.Empty(full.ChangedSince(endpoints));
                Assert.Equal(PolicyCompiler.Compile(snapshot, full, Options).Mesh, incremental.Mesh);
            }
        }
    }

    [Fact]
    public void What_is_remembered_gives_what_making_it_anew_gives()
    {
        var bundle = TrustBundle.Placeholder(Options.TrustDomain);
        foreach (var seed in Seeds)
        {
            var random = new RandomMesh(seed);
            var snapshot = ResourceSnapshot.Of(random.Objects());
            var memos = new Dictionary<ProxyScope, TranslationMemo>();
            PolicyMemo? memory = null;
            MeshIndex? interned = null;
            for (var step = 0; step < 12; step++)
            {
                snapshot = snapshot.Apply(new([random.Change()], [], true, 0), out _);
                var endpoints = EndpointTable.Of(snapshot, Options);
                memory = PolicyCompiler.Compile(snapshot, endpoints, Options, memory).Memo!;
                interned = new(memory.Mesh, interned);
                MeshIndex fresh = new(PolicyCompiler.Compile(snapshot, endpoints, Options).Mesh);
                foreach (var scope in MeshProxies.Of(snapshot, endpoints, Options).All.SelectMany(Scopes).Distinct())
                {
                    var view = ScopeView.Of(interned, scope);
                    var memo = memos.TryGetValue(scope, out var known) ? known : memos[scope] = new();
                    Assert.Equal(Everything(ScopeView.Of(fresh, scope), null), Everything(view, memo));
                    Assert.InRange(memo.Count, 0, (3 * view.Reachable.Concat(view.Clusters).Distinct().Count()) + 20);
                }
            }

            string Everything(ScopeView view, TranslationMemo? memo)
            {
                var policy = XdsTranslator.Policy(view, memo);
                IEnumerable<string> resources = [
                    .. policy.Resources.Concat(XdsTranslator.Endpoints(view, EndpointTable.Of(snapshot, Options))).Concat(Secrets.Trust(view, bundle))
                        .Select(resource => resource.ToString()).Order(StringComparer.Ordinal),
                    .. policy.Diagnostics.Select(finding => finding.ToString())];
                return string.Join('\n', resources);
            }
        }
    }

    [Fact]
    public void Compiling_an_equal_snapshot_gives_the_same_mesh_and_the_same_services()
    {
        foreach (var seed in Seeds)
        {
            var snapshot = ResourceSnapshot.Of(new RandomMesh(seed).Objects());
            var endpoints = EndpointTable.Of(snapshot, Options);
            var first = PolicyCompiler.Compile(snapshot, endpoints, Options).Memo!;
            Assert.Same(first.Mesh, PolicyCompiler.Compile(ResourceSnapshot.Of(new RandomMesh(seed).Objects()), endpoints, Options, first).Mesh);
        }
    }

    [Fact]
    public void Hosts_sent_one_by_one_are_the_hosts_of_the_whole_route_configurations()
    {
        var separate = 0;
        foreach (var seed in Seeds)
        {
            var mesh = OfflineMesh.Compile(ResourceSnapshot.Of(new RandomMesh(seed).Objects()), Options);
            foreach (var proxy in mesh.Proxies.All)
            {
                var whole = mesh.Translate(proxy, Capabilities.OfRelease(Capabilities.NewestEnvoy));
                var parts = mesh.Translate(proxy, Capabilities.OfRelease(Capabilities.NewestEnvoy, incremental: true));
                Assert.Equal(Text(whole.Resources), Text(SeparateHosts.Merge(parts.Resources)));
                Assert.Equal(whole.Diagnostics, parts.Diagnostics);
                Assert.All(parts.Resources, resource => Assert.True(resource.Message is not VirtualHost host || host.Name == resource.Name));
                separate += parts.Resources.Count(resource => resource.Message is VirtualHost);
            }
        }

        Assert.True(separate > 1000, $"{separate} hosts");

        static string Text(IEnumerable<XdsResource> resources)
            => string.Join('\n', resources.OrderBy(resource => (resource.TypeUrl, resource.Name)).Select(resource => $"{resource} {string.Join(' ', resource.Origins)}"));
    }

    [Fact]
    public void Nothing_generated_breaks_a_rule_of_Envoys_or_asks_for_what_is_not_offered()
    {
        foreach (var seed in Seeds)
        {
            var mesh = OfflineMesh.Compile(ResourceSnapshot.Of(new RandomMesh(seed).Objects()), Options);
            foreach (var proxy in mesh.Proxies.All)
            {
                Assert.Empty(mesh.Translate(proxy).Diagnostics.Where(finding => finding.Code is "OSM3001" or "OSM3002"));
            }
        }
    }

    [Fact]
    public void Removing_a_source_never_lets_anybody_else_in()
    {
        foreach (var seed in Seeds)
        {
            var objects = new RandomMesh(seed).Objects();
            foreach (var target in objects.OfType<TrafficTarget>().Where(target => target.Sources.Count > 0))
            {
                var fewer = target with { Sources = [.. target.Sources.Skip(1)] };
                var before = Admitted(objects);
                var after = Admitted(objects.Select(resource => resource == target ? fewer : resource));
                Assert.Subset(before, after);
            }
        }
    }

    private static IEnumerable<ProxyScope> Scopes(Proxy proxy)
        =>
        [
            proxy.ScopeFor(Capabilities.OfRelease("1.36.2")),
            proxy.ScopeFor(Capabilities.OfRelease(Capabilities.NewestEnvoy)),
            proxy.ScopeFor(Capabilities.OfRelease(Capabilities.NewestEnvoy, incremental: true)),
        ];

    private static HashSet<string> Admitted(IEnumerable<Resource> objects)
    {
        var inbound = OfflineMesh.Compile(ResourceSnapshot.Of(objects), Options).Mesh.Inbound;
        return
        [
            .. inbound.SelectMany(policy => policy.HttpRules.SelectMany(rule => rule.Sources.Select(source => $"{source} http {rule.Match} {policy.Identity}"))),
            .. inbound.SelectMany(policy => policy.TcpRules.SelectMany(rule => rule.Sources.Select(source => $"{source} tcp {rule.Ports} {policy.Identity}"))),
        ];
    }

    private static string Text(ResourceSnapshot snapshot)
    {
        var mesh = OfflineMesh.Compile(snapshot, Options);
        return MeshDocument.Of(mesh, mesh.Proxies.All).ToJsonString();
    }
}
