using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace OsmExt.Fleet.Options;

/// <summary>What a run is told on the command line: <c>NAME=VALUE</c> words, as <c>make</c> takes them.</summary>
internal sealed record FleetOptions
{
    [Description("Which workload: W1 to W13, W8+W9, flat or soak.")]
    public string Workload { get; init; } = "W1";

    [Description("How many proxies connect. Default: the workload's own number.")]
    public int Proxies { get; init; }

    [Description("How many services there are, where the workload leaves that open. Default: the workload's own number.")]
    public int Services { get; init; }

    [Description("How long the measured part of a run takes; 0 for the workload's choice, 20 to 600. Default: 0.")]
    public double Seconds { get; init; }

    [Description("How long is looked at a mesh in which nothing happens. Default: 15.")]
    public double Idle { get; init; } = 15;

    [Description("What the mesh and its changes are drawn by. Default: 872835240.")]
    public int Seed { get; init; } = 872_835_240;

    [Description("How much faster than the workload's own rhythm its steps come; 0 for the workload's choice. Default: 0.")]
    public double Pace { get; init; }

    [Description("Processes the proxies are spread over. Default: 1.")]
    public int Processes { get; init; } = 1;

    [Description("In how many parts the proxies connect at first, for the curves of memory and processor time against proxies. Default: 4.")]
    public int Stages { get; init; } = 4;

    [Description("Steps before anything counts. Default: 30.")]
    public int WarmUp { get; init; } = 30;

    [Description("How many pushes to everybody the floor is measured with; 0 leaves it out. Default: 30.")]
    public int Floor { get; init; } = 30;

    [Description("Percent of the proxies that speak state of the world. Default: 0.")]
    public double Sotw { get; init; }

    [Description("Percent of the proxies that acknowledge late. Default: 0.")]
    public double Late { get; init; }

    [Description("How late, in milliseconds. Default: 100.")]
    public double Delay { get; init; } = 100;

    [Description("Percent of the proxies that read slowly. Default: 0.")]
    public double Slow { get; init; }

    [Description("Percent of the proxies that stop reading once they have everything. Default: 0.")]
    public double Stuck { get; init; }

    [Description("Percent of the proxies that refuse every third response. Default: 0.")]
    public double Nackers { get; init; }

    [Description("Seconds until the control plane asks a proxy for a renewed credential. Default: 15, as it is everywhere.")]
    public double Patience { get; init; } = 15;

    [Description("Directory for reports. Default: artifacts/bench.")]
    public string Output { get; init; } = Path.Combine("artifacts", "bench");

    [Description("Directory of the run's own files: the root, logs.")]
    public string State { get; init; } = "";

    /// <summary>The words a run was given.</summary>
    public IReadOnlyList<string> Given { get; private init; } = [];

    /// <summary>The same with the workload's own number of proxies, where none is given.</summary>
    public FleetOptions Resolve() => Proxies > 0 ? this : this with { Proxies = Workload switch
    {
        "W8" or "W9" or "W8+W9" => 4,
        "W11" => 100,
        "flat" => 200,
        "W6" => 500,
        "W3" => 800,
        "W5" or "soak" => 1000,
        _ => 2000,
    } };

    /// <summary>What can be said, a line each.</summary>
    public static string Help => string.Concat(Settable.Select(property => $"  {property.Name.ToUpperInvariant(),-10} {property.GetCustomAttribute<DescriptionAttribute>()!.Description}\n"));

    private static IEnumerable<PropertyInfo> Settable => typeof(FleetOptions).GetProperties().Where(property => property is { CanWrite: true, Name: not nameof(Given) });

    /// <summary>The same as words.</summary>
    public IEnumerable<string> Words => Settable
        .Select(property => string.Create(CultureInfo.InvariantCulture, $"{property.Name.ToUpperInvariant()}={property.GetValue(this)}"));

    /// <exception cref="ArgumentException">A word cannot be used; the message says which.</exception>
    public static FleetOptions Parse(IEnumerable<string> words)
    {
        string[] given = [.. words.Where(word => !word.EndsWith('='))];
        var options = new FleetOptions { Given = given };
        foreach (var word in given)
        {
            var (name, value) = word.Split('=', 2) is [var left, var right] ? (left, right) : (word, "");
            var property = Settable.FirstOrDefault(property => string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
                ?? throw new ArgumentException($"There is no option {name}.");
            try
            {
                property.SetValue(options, Convert.ChangeType(value, property.PropertyType, CultureInfo.InvariantCulture));
            }
            catch (Exception unfit) when (unfit is FormatException or OverflowException)
            {
                throw new ArgumentException($"{name} cannot be \"{value}\".");
            }
        }

        return options;
    }
}
