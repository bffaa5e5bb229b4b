using System.Globalization;
using OsmExt.Fleet.Options;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Meshes;

/// <summary>W11: five services for host names, and 10 to 1,000 routes spread over them, up and down again; the proxies of all five serve them, and clients see them.</summary>
internal sealed class RoutesWorkload(FleetOptions options) : Workload(options)
{
    private const int Hosts = 5;
    private static readonly int[] Numbers = [10, 50, 100, 300, 500, 1000];
    private readonly MeshDraft _mesh = new(permissive: false);

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"{Hosts} host names with 10 to 1,000 routes, up and down");

    public override IReadOnlyList<Resource> Start()
    {
        for (var index = 0; index < Hosts; index++)
        {
            _mesh.Add("hosts", string.Create(CultureInfo.InvariantCulture, $"host-{index}"), Math.Max(1, Options.Proxies / (2 * Hosts)));
        }

        var clients = _mesh.Add("clients", "client", Math.Max(1, Options.Proxies / 2));
        return [.. _mesh.Objects, .. _mesh.Services.Take(Hosts).SelectMany((host, index) => MeshDraft.Access(host, [clients], Paths(index, Numbers[0])))];
    }

    public override IEnumerable<Step> Steps()
    {
        foreach (var warmUp in WarmUp(Options.WarmUp / 3, () => To(Numbers[Random.Next(3)])))
        {
            yield return warmUp;
        }

        while (true)
        {
            foreach (var number in Numbers.Concat(Numbers.Reverse()))
            {
                yield return To(number) with { Pause = Second };
            }
        }
    }

    private Step To(int number) => new(string.Create(CultureInfo.InvariantCulture, $"to {number} routes"),
        [.. _mesh.Services.Take(Hosts).Select((host, index) => MeshDraft.Set(MeshDraft.Routes(host, Paths(index, number))))]);

    private static IEnumerable<string> Paths(int host, int number)
        => Enumerable.Range(0, number / Hosts).Select(route => string.Create(CultureInfo.InvariantCulture, $"/host-{host}/route-{route}/.*"));
}
