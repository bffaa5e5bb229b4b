using OsmExt.Benchmarks;

return args switch
{
    ["translate", .. var sizes] => TranslationBenchmark.Run(sizes.Length > 0 ? [.. sizes.Select(int.Parse)] : [10, 100, 500, 1000, 5000]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: OsmExt.Benchmarks translate [SERVICES...]   what compiling and translating a generated mesh costs");
    return 2;
}
