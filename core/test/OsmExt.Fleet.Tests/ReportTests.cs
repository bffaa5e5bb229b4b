using System.Xml.Linq;
using OsmExt.Fleet.Proxies;
using OsmExt.Fleet.Reports;
using OsmExt.Fleet.Running;

namespace OsmExt.Fleet.Tests;

/// <summary>Figures are computed and shown as people expect.</summary>
public class ReportTests
{
    [Fact]
    public void Percentiles_are_values_that_were_measured()
    {
        Assert.Equal(new Distribution(100, 50, 99, 100), Distribution.Of(Enumerable.Range(1, 100).Reverse().Select(value => (double)value)));
        Assert.Equal(new Distribution(1, 7, 7, 7), Distribution.Of([7]));
        Assert.Equal(new Distribution(0, 0, 0, 0), Distribution.Of([]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.37)]
    [InlineData(7)]
    [InlineData(60)]
    [InlineData(1234)]
    public void An_axis_reaches_what_it_has_to_show(double most)
    {
        var ticks = SvgPlot.Ticks(most);
        Assert.InRange(ticks.Length, 1, 9);
        Assert.True(ticks[^1] >= most * (1 - 1e-9));
    }

    [Fact]
    public void Memory_that_stays_is_told_from_memory_that_grows()
    {
        var steady = Enumerable.Range(0, 90).Select(at => new Sample(at, 0, 300 + (at % 3), 2)).ToArray();
        Assert.Equal(0, MemoryTrend.Of(steady));
        Assert.Equal(60, MemoryTrend.Of([.. steady.Select(sample => sample with { Megabytes = 2 * sample.At })]));
        Assert.Null(MemoryTrend.Of([.. steady.Select(sample => sample with { Life = 1 }), new(90, 0, 100, 3)]));
    }

    [Fact]
    public void Shares_of_proxies_are_what_was_asked_for()
    {
        var shares = new Shares(Late: 10, TimeSpan.Zero, Slow: 5, Stuck: 5, Nackers: 20);
        var manners = Enumerable.Range(0, 1000).Select(shares.Of).CountBy(manner => manner).ToDictionary();
        Assert.InRange(manners[Manner.Late], 90, 110);
        Assert.InRange(manners[Manner.Slow], 40, 60);
        Assert.InRange(manners[Manner.Stuck], 40, 60);
        Assert.InRange(manners[Manner.Nacker], 190, 210);
    }

    [Fact]
    public void The_tables_say_what_was_found_and_the_page_is_well_formed()
    {
        var report = new RunReport
        {
            Workload = "W1", Title = "a < b", Command = "make bench", Machine = "m", Date = "d", Comparison = new(10, 9), Faults = ["one differs"],
            Stages = [new(5, new(5, 1, 2, 3), 0.5, 100, 1000), new(10, new(5, 1, 2, 3), 0.5, 150, 1000)],
            Steps = [new(1, "endpoint", 10, 5, 10, 2000, 3, 40), new(2, "route", 4, 9, 4, 400, 3, 40)],
            Kinds = [new("endpoint", 1, 10, new(10, 4, 5, 5), new(1, 5, 5, 5), 10, 200, 3, 2, 300, 40)],
            Floor = new("endpoint", 10, 200, new(10, 1, 2, 2), new(1, 2, 2, 2), 150, 2), Samples = [new(0.25, 0.1, 100, 1), new(0.5, 0.2, 101, 1)],
        };
        var table = TableReport.Of(report);
        Assert.Contains("| endpoint | 1 | 10 | 4 ms | 5 ms | 5 ms | 5 ms | 5 ms | 10 | 200 | 3.0 ms | 2.0 ms | 300 µs | 40 kB |", table, StringComparison.Ordinal);
        Assert.Contains("2.00 times the floor's", table, StringComparison.Ordinal);
        Assert.Contains("9 of 10 proxies", table, StringComparison.Ordinal);
        Assert.Contains("FAULT: one differs", table, StringComparison.Ordinal);

        var page = HtmlReport.Of(report);
        var body = XElement.Parse(page[page.IndexOf("<body>", StringComparison.Ordinal)..page.IndexOf("</html>", StringComparison.Ordinal)]);
        Assert.Equal(6, body.Descendants("svg").Count());
        Assert.All(body.Descendants("table"), rows => Assert.Single(rows.Elements("tr").Select(row => row.Elements().Count()).Distinct()));
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
    }
}
