using System.Globalization;
using OsmExt.Compiler;
using OsmExt.Fleet.Options;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Meshes;

/// <summary>
/// W10: services of two pods in a random graph, in which the i-th calls the j-th with a probability of one half divided by their distance. A policy for the whole mesh changes,
/// a service is scaled up and down, and at last the mesh's root is replaced in the steps an operator takes; after each nothing may be sent for a while.
/// </summary>
internal sealed class GraphWorkload(FleetOptions options) : Workload(options)
{
    private const int PodsEach = 2;
    private const int Rounds = 2;
    private const string NextRoot = "root-next";
    private readonly MeshDraft _mesh = new(permissive: false);
    private readonly List<DraftService> _called = [];
    private bool _egress;
    private int _edges;

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"{_mesh.Services.Count} services in a random graph of {_edges} edges");

    public override bool RunsToItsEnd => true;

    public override IReadOnlyList<Resource> Start()
    {
        var services = Options.Services > 0 ? Options.Services : Math.Max(2, Options.Proxies / 2);
        if (Options.Proxies < services * PodsEach)
        {
            throw new ArgumentException($"A change of roots waits for every pod's proxy: {services} services need PROXIES={services * PodsEach}.");
        }

        for (var index = 0; index < services; index++)
        {
            _mesh.Add("graph", string.Create(CultureInfo.InvariantCulture, $"svc-{index:d4}"), PodsEach);
        }

        var callers = new List<DraftService>[services];
        for (var to = 1; to < services; to++)
        {
            callers[to] = [.. Enumerable.Range(0, to).Where(from => Random.Next() % (to - from) == 0 && Random.Next() % 100 < 50).Select(from => _mesh.Services[from])];
            _edges += callers[to].Count;
        }

        _called.AddRange(_mesh.Services.Where((_, index) => index > 0 && callers[index].Count > 0));
        return [.. _mesh.Objects, .. _mesh.Services.SelectMany((service, index) => index > 0 ? MeshDraft.Access(service, callers[index]) : [])];
    }

    public override IEnumerable<Step> Steps()
    {
        foreach (var warmUp in WarmUp(Options.WarmUp, () => new Step("endpoint", [Called().Toggle()])))
        {
            yield return warmUp;
        }

        var rest = TimeSpan.FromSeconds(Options.Idle);
        yield return new("deployed", []) { Rest = rest };
        for (var round = 0; round < Rounds; round++)
        {
            _egress = !_egress;
            yield return new("policy of the mesh", [MeshDraft.Set(_mesh.Config with { EnableEgress = _egress })]) { Rest = rest };
            var service = Called();
            yield return _mesh.ScaleUp("one pod more", service) with { Rest = rest };
            yield return MeshDraft.ScaleDown("one pod less", service) with { Rest = rest };
        }

        foreach (var step in Rotation(rest))
        {
            yield return step;
        }
    }

    // As core/docs/certificates.md has operators do it. When the new root signs, workloads get their certificates at once; proxies' credentials for the xDS port take their time.
    private static IEnumerable<Step> Rotation(TimeSpan rest)
    {
        yield return new("next root believed", [Root(MeshRootCertificate.DefaultName, RootRole.Active), Root(NextRoot, RootRole.Passive)]) { Rest = rest };
        yield return new("next root signs", [Root(MeshRootCertificate.DefaultName, RootRole.Passive), Root(NextRoot, RootRole.Active)]);
        yield return new("credentials by the next root", []) { Renews = true, Rest = rest };
        yield return new("first root gone", [new(RootKey(MeshRootCertificate.DefaultName), null)]) { Renews = true, Rest = rest };
    }

    private static ResourceChange Root(string name, RootRole role) => MeshDraft.Set(new MeshRootCertificate(new("osm-system", name))
    {
        Role = role,
        Provider = RootProvider.BuiltIn,
        TrustDomain = new CompilerOptions().TrustDomain,
    });

    private static ResourceKey RootKey(string name) => new(nameof(MeshRootCertificate), "osm-system", name);

    private DraftService Called() => _called[Random.Next(_called.Count)];
}
