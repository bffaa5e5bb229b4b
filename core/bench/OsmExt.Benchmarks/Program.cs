using OsmExt.Benchmarks;
using OsmExt.Benchmarks.DataPlane;

return args switch
{
    ["translate", .. var sizes] => TranslationBenchmark.Run(sizes.Length > 0 ? [.. sizes.Select(int.Parse)] : [10, 100, 500, 1000, 5000]),
    ["simulate", .. var sizes] => SimulationBenchmark.Run(sizes.Length > 0 ? [.. sizes.Select(int.Parse)] : [10, 100, 1000]),
    ["envoy", var binary, .. var services] => await EnvoyBenchmark.RunAsync(binary, services is [var count] ? int.Parse(count) : 1000),
    ["plugins", .. var sizes] when sizes.All(size => int.TryParse(size, out _)) => PluginBenchmark.Run(sizes.Length > 0 ? [.. sizes.Select(int.Parse)] : [100, 1000]),
    ["plugins", var binary, .. var services] => await SavedTemplateBenchmark.RunAsync(binary, services is [var count] ? int.Parse(count) : 100),
    ["mesh-host", .. var pods] => await MeshHostBenchmark.RunAsync(pods is [.., not "--first"] ? int.Parse(pods[^1]) : 10, pods.Contains("--first")),
    ["cluster", .. var sizes] => await ClusterBenchmark.RunAsync(sizes.Length > 0 ? [.. sizes.Select(int.Parse)] : [1000, 10000], TimeSpan.FromMinutes(1)),
    ["apply", .. var changes] => await ApplyBenchmark.RunAsync(changes is [var wanted] ? int.Parse(wanted) : 100),
    ["names"] => NameTimingBenchmark.Run(),
    ["certificates"] => CertificateBenchmark.Run(),
    ["data-plane", .. var rest] when DataPlaneOptions.Parse(rest) is { } options => await DataPlaneBenchmark.RunAsync(options),
    ["data-plane-echo"] => await EchoApplication.RunAsync(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: OsmExt.Benchmarks translate [SERVICES...]   what compiling and translating a generated mesh costs");
    Console.Error.WriteLine("       OsmExt.Benchmarks simulate [SERVICES...]     how many requests a second are decided without sending them");
    Console.Error.WriteLine("       OsmExt.Benchmarks envoy PATH [SERVICES]       what a layout costs the Envoy at PATH (1.40 or later); it takes ports 15000 to 15010");
    Console.Error.WriteLine("       OsmExt.Benchmarks plugins [SERVICES...]      what each plugin of this repository costs");
    Console.Error.WriteLine("       OsmExt.Benchmarks plugins PATH [SERVICES]     how long it takes from a saved template to the Envoy at PATH; it takes ports 15000 to 15010");
    Console.Error.WriteLine("       OsmExt.Benchmarks certificates               what issuing a certificate costs, by kind of key");
    Console.Error.WriteLine("       OsmExt.Benchmarks names                      whether the time of an answer tells that another tenant has the name asked for");
    Console.Error.WriteLine("       OsmExt.Benchmarks mesh-host [--first] [PODS] how long a test waits for a mesh inside it: start, policy change, request");
    Console.Error.WriteLine("       OsmExt.Benchmarks cluster [PODS...]          what knowing a cluster costs: memory, requests, and what is asked when nothing happens");
    Console.Error.WriteLine("       OsmExt.Benchmarks apply [CHANGES]            how long a change on an API server takes until it is in force at real Envoys; it needs root and make apps");
    Console.Error.WriteLine("       OsmExt.Benchmarks data-plane [PATH-OF-ENVOY] [--rounds N] [--seconds N] [--at-once N] [--services N] [--json FILE]");
    Console.Error.WriteLine("                                                    requests, latency, processor time and memory of Envoy and the embedded data plane; it needs root");
    return 2;
}
