using OsmExt.Fleet.Floor;
using OsmExt.Fleet.Options;
using OsmExt.Fleet.Plane;
using OsmExt.Fleet.Proxies;
using OsmExt.Fleet.Running;

try
{
    return args switch
    {
        ["control-plane", .. var words] => await ControlPlaneAsync(FleetOptions.Parse(words)),
        ["proxies", .. var words] => await ProxiesAsync(FleetOptions.Parse(words)),
        ["floor", .. var words] => await FloorAsync(FleetOptions.Parse(words)),
        ["--help" or "-h"] => Usage(),
        _ => await FleetRun.RunAsync(FleetOptions.Parse(args)),
    };
}
catch (ArgumentException unusable)
{
    Console.Error.WriteLine($"fleet: {unusable.Message} See --help.");
    return 2;
}

static async Task<int> ControlPlaneAsync(FleetOptions options)
{
    await using var plane = new ControlPlaneProcess(options);
    return await OrderLoop.RunAsync(plane.ObeyAsync);
}

static Task<int> ProxiesAsync(FleetOptions options)
{
    var shares = new Shares(options.Late, TimeSpan.FromMilliseconds(options.Delay), options.Slow, options.Stuck, options.Nackers);
    return OrderLoop.RunAsync(new ClientProcess(new(new FleetCredentials(options.State), shares), options.Sotw).ObeyAsync);
}

static async Task<int> FloorAsync(FleetOptions options)
{
    await using var floor = new FloorProcess(options.State);
    return await OrderLoop.RunAsync(floor.ObeyAsync);
}

static int Usage()
{
    Console.Out.WriteLine("usage: OsmExt.Fleet [NAME=VALUE ...], for example OsmExt.Fleet WORKLOAD=W1 PROXIES=2000 SECONDS=60\n");
    Console.Out.WriteLine(FleetOptions.Help);
    return 0;
}
